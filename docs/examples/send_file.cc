// An ESME that submits a file of messages, one `number text` per line, and says of each what became
// of it. It binds again when the connection is lost, and submits nothing twice that may have left.
//
//   send_file HOST PORT SYSTEM_ID PASSWORD FILE
#include <ringgate/client.h>

#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

using namespace ringgate;

class Sender : public ClientHandler {
 public:
  // Called on the client's thread.
  void on_submitted(Client&, std::span<const Submitted> all) noexcept override {
    static constexpr const char* words[] = {"accepted", "refused", "not sent", "unknown"};
    const std::scoped_lock lock(mutex_);
    for (const Submitted& one : all) {
      std::printf("%s %s 0x%X %s\n", lines[one.token].first.c_str(),
                  words[static_cast<unsigned>(one.result)], static_cast<unsigned>(one.status),
                  std::string(one.id).c_str());
      failed += one.result != SubmitResult::accepted;
      ++told_;
    }
    changed_.notify_all();
  }
  void on_loss(Client&, const ClientLoss& loss) noexcept override {
    std::fprintf(stderr, "not bound: %s (0x%X)\n", std::string(loss.text).c_str(),
                 static_cast<unsigned>(loss.status));
  }
  void on_room(Client&) noexcept override {
    const std::scoped_lock lock(mutex_);
    room_ = true;
    changed_.notify_all();
  }

  void send(Client& client) {
    for (std::size_t i = 0; i < lines.size();) {
      Outgoing message;
      message.destination = {1, 1, lines[i].first};
      const std::string& text = lines[i].second;
      message.text = {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
      message.token = i;
      const Posted posted = client.submit(message);
      if (posted == Posted::full) {
        wait([this] { return std::exchange(room_, false); });
        continue;
      }
      const Submitted impossible{i, SubmitResult::refused, Status::ESME_RSUBMITFAIL, {}};
      if (posted != Posted::ok) on_submitted(client, {&impossible, 1});
      ++i;
    }
    wait([this] { return told_ == lines.size(); });
    client.stop();  // orderly: the destructor waits for it
  }

  std::vector<std::pair<std::string, std::string>> lines;  // number, text
  unsigned failed = 0;

 private:
  template <class F>
  void wait(F&& done) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, done);
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t told_ = 0;
  bool room_ = false;
};

int main(int count, char** words) {
  if (count != 6) return std::fprintf(stderr, "send_file HOST PORT SYSTEM_ID PASSWORD FILE\n"), 2;
  Sender sender;
  std::ifstream file(words[5]);
  if (!file) return std::fprintf(stderr, "send_file: cannot read %s\n", words[5]), 1;
  for (std::string number, text; file >> number && std::getline(file >> std::ws, text);)
    sender.lines.emplace_back(number, text);
  ClientOptions options;
  options.address = words[1];
  options.port = static_cast<std::uint16_t>(std::atoi(words[2]));
  options.mode = BindMode::transmitter;
  options.system_id = words[3];
  options.password = words[4];
  std::string error;
  const auto client = Client::start(options, sender, error);
  if (client == nullptr) return std::fprintf(stderr, "send_file: %s\n", error.c_str()), 1;
  sender.send(*client);
  return sender.failed == 0 ? 0 : 1;
}
