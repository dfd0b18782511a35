// A server whose binds are decided 50 ms after they came, by a thread of the program's own, for
// bench/neighbours. Every message is accepted.
//
//   slow_gate PORT    until a signal ends it
#include <ringgate/server.h>

#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

using namespace ringgate;
using Clock = std::chrono::steady_clock;

constexpr auto delay = std::chrono::milliseconds(50);

class SlowGate : public Gate {
 public:
  void on_start(unsigned, const std::shared_ptr<Verdicts>& verdicts) noexcept override {
    thread_ = std::jthread([this, verdicts](std::stop_token stop) { decide(*verdicts, stop); });
  }
  void on_binds(std::span<const BindRequest> binds, Now, Verdicts&) noexcept override {
    const auto due = Clock::now() + delay;
    const std::scoped_lock lock(mutex_);
    for (const BindRequest& bind : binds)
      waiting_.push_back({due, bind.session, std::string(bind.system_id)});
    wake_.notify_one();
  }

 private:
  struct Waiting {
    Clock::time_point due;
    SessionId session;
    std::string account;
  };

  void decide(Verdicts& verdicts, const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    while (wake_.wait(lock, stop, [this] { return !waiting_.empty(); })) {
      const Waiting next = std::move(waiting_.front());
      waiting_.pop_front();
      lock.unlock();
      std::this_thread::sleep_until(next.due);
      while (verdicts.decide({next.session, Status::ESME_ROK, next.account}) == Posted::full)
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
      lock.lock();
    }
  }

  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::deque<Waiting> waiting_;
  std::jthread thread_;  // the last: it ends before what it uses
};

class Taker : public Backend {
  void on_submits(std::span<const Submit> submits, Now, Replies& replies) noexcept override {
    for (const Submit& submit : submits) replies.answer(submit.ticket, Status::ESME_ROK);
  }
};

int main(int count, char** words) {
  if (count != 2) return std::fprintf(stderr, "slow_gate PORT\n"), 2;
  Options options;
  options.cores.shards = 1;
  options.cores.pin = {0};
  options.listen.push_back({"127.0.0.1", static_cast<std::uint16_t>(std::atoi(words[1]))});
  options.limits.max_connections = 4'000;
  options.accounts.resize(2);
  options.accounts[0].system_id = "test";
  options.accounts[0].submit_window = 1'000;
  options.accounts[1].system_id = "greedy";
  for (AccountOptions& account : options.accounts) account.password = "unused";
  SlowGate gate;
  Taker taker;
  std::string error;
  const auto server = Server::start(options, taker, nullptr, error, &gate);
  if (server == nullptr) return std::fprintf(stderr, "slow_gate: %s\n", error.c_str()), 1;
  for (;;) std::this_thread::sleep_for(std::chrono::hours(1));
}
