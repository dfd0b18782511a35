// A server whose users are not in its configuration: each bind is looked up in a database of the
// program's own, by a thread of the program's own, and decided when the answer is there.
//
//   own_users FILE [PORT]    FILE has lines `user password account`; accounts are gold and bronze
#include <ringgate/server.h>

#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <fstream>
#include <mutex>
#include <string>
#include <thread>

using namespace ringgate;
// Stands for a database: it is slow, so no shard may wait for it.
class Users : public Gate {
 public:
  explicit Users(std::string file) : file_(std::move(file)) {}

  void on_start(unsigned, const std::shared_ptr<Verdicts>& verdicts) noexcept override {
    thread_ = std::jthread([this, verdicts](std::stop_token stop) { look_up(*verdicts, stop); });
  }
  // What is needed later is copied: the views end with the call.
  void on_binds(std::span<const BindRequest> binds, Now, Verdicts&) noexcept override {
    const std::scoped_lock lock(mutex_);
    for (const BindRequest& bind : binds)
      questions_.push_back({bind.session, std::string(bind.system_id), std::string(bind.password)});
    wake_.notify_one();
  }
  void on_closed(std::span<const Closed> sessions) noexcept override {
    for (const Closed& one : sessions)
      std::printf("closed %s %s\n", std::string(one.account).c_str(),
                  std::string(close_cause_name(one.cause)).c_str());
  }

 private:
  struct Question {
    SessionId session;
    std::string user, password;
  };

  void look_up(Verdicts& verdicts, const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    while (wake_.wait(lock, stop, [this] { return !questions_.empty(); })) {
      const Question question = std::move(questions_.front());
      questions_.pop_front();
      lock.unlock();
      const std::string account = account_of(question);
      const Status status = account.empty() ? Status::ESME_RBINDFAIL : Status::ESME_ROK;
      while (verdicts.decide({question.session, status, account}) == Posted::full)
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
      lock.lock();
    }
  }
  std::string account_of(const Question& question) const {
    std::ifstream file(file_);
    for (std::string user, password, account; file >> user >> password >> account;)
      if (user == question.user && password == question.password) return account;
    return {};
  }

  const std::string file_;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::deque<Question> questions_;
  std::jthread thread_;  // the last: it ends before what it uses
};

class Taker : public Backend {
  void on_submits(std::span<const Submit> submits, Now, Replies& replies) noexcept override {
    for (const Submit& submit : submits) replies.answer(submit.ticket, Status::ESME_ROK);
  }
};

int main(int argument_count, char** arguments) {
  if (argument_count < 2) return std::fprintf(stderr, "own_users FILE [PORT]\n"), 2;
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  Options options;
  const int port = argument_count > 2 ? std::atoi(arguments[2]) : 2775;
  options.listen.push_back({"0.0.0.0", static_cast<std::uint16_t>(port)});
  options.limits.max_connections = 500;
  // With a gate nobody binds by an account's own password; limits are what accounts are for.
  options.accounts.resize(2);
  options.accounts[0].system_id = "gold";
  options.accounts[1].system_id = "bronze";
  options.accounts[1].max_binds = 1;
  for (AccountOptions& account : options.accounts) account.password = "unused";
  Users users(arguments[1]);
  Taker taker;
  std::string error;
  const auto server = Server::start(options, taker, nullptr, error, &users);
  if (server == nullptr) return std::fprintf(stderr, "own_users: %s\n", error.c_str()), 1;
  std::printf("port %d\n", server->port());
  std::getchar();
  server->stop();
  return 0;
}
