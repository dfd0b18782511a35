// An ESME inside a program's own poll loop: lines of standard input are submitted, what arrives is
// printed, and one thread does it all.
//
//   poll_loop HOST PORT SYSTEM_ID PASSWORD NUMBER    ends with the end of input
#include <poll.h>
#include <ringgate/client.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>

using namespace ringgate;

class Printer : public ClientHandler {
 public:
  void on_bound(Client&) noexcept override { std::printf("bound\n"); }
  void on_loss(Client&, const ClientLoss& loss) noexcept override {
    std::printf("lost: %.*s\n", static_cast<int>(loss.text.size()), loss.text.data());
  }
  void on_submitted(Client&, std::span<const Submitted> all) noexcept override {
    for (const Submitted& one : all)
      std::printf("0x%X %.*s\n", static_cast<unsigned>(one.status), static_cast<int>(one.id.size()),
                  one.id.data());
  }
  void on_deliveries(Client& client, std::span<const Delivery> all) noexcept override {
    for (const Delivery& one : all) {
      std::printf("%s %.*s: %.*s\n", one.is_receipt() ? "receipt" : "message",
                  static_cast<int>(one.source.text.size()), one.source.text.data(),
                  static_cast<int>(one.text.size()),
                  reinterpret_cast<const char*>(one.text.data()));
      client.answer(one.ticket, Status::ESME_ROK);
    }
  }
  void on_ended(Client&) noexcept override { ended = true; }

  bool ended = false;
};

int main(int count, char** words) {
  if (count != 6) return std::fprintf(stderr, "poll_loop HOST PORT SYSTEM_ID PASSWORD NUMBER\n"), 2;
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  ClientOptions options;
  options.address = words[1];
  options.port = static_cast<std::uint16_t>(std::atoi(words[2]));
  options.system_id = words[3];
  options.password = words[4];
  Printer printer;
  std::string error;
  const auto client = Client::make(options, printer, error);
  if (client == nullptr) return std::fprintf(stderr, "poll_loop: %s\n", error.c_str()), 1;

  std::string input;
  pollfd watched[] = {{client->descriptor(), POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}};
  while (!printer.ended) {
    poll(watched, watched[1].fd < 0 ? 1 : 2, -1);
    client->turn();
    if (watched[1].fd < 0 || watched[1].revents == 0) continue;
    char octets[4096];
    const ssize_t size = read(STDIN_FILENO, octets, sizeof octets);
    if (size <= 0) {
      watched[1].fd = -1;
      client->stop();
      continue;
    }
    input.append(octets, static_cast<std::size_t>(size));
    for (std::size_t end; (end = input.find('\n')) != std::string::npos; input.erase(0, end + 1)) {
      Outgoing message;
      message.destination = {1, 1, words[5]};
      message.text = {reinterpret_cast<const std::uint8_t*>(input.data()), end};
      message.set_receipt(ReceiptWish::always);
      if (client->submit(message) != Posted::ok) std::printf("not taken\n");
    }
  }
  return 0;
}
