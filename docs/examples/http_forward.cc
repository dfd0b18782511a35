// Forwards every message to an HTTP service, and tells the client what that says: a status of 2xx
// accepts and delivers it, 5xx asks the client to try again, anything else refuses it.
//
//   http_forward PORT URL    each message is a POST of `source destination` in the head and UTF-8
#include <httplib.h>
#include <ringgate/server.h>
#include <ringgate/text.h>

#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

using namespace ringgate;

class Forwarder : public Backend {
 public:
  explicit Forwarder(std::string url) : url_(std::move(url)) {}

  void on_start(unsigned, Now, const std::shared_ptr<Replies>& replies) noexcept override {
    for (int i = 0; i < 4; ++i)
      workers_.emplace_back([this, replies](std::stop_token stop) { work(*replies, stop); });
  }
  // No shard waits for HTTP: what is needed is copied, and a worker answers by ticket.
  void on_submits(std::span<const Submit> submits, Now, Replies& replies) noexcept override {
    const std::scoped_lock lock(mutex_);
    for (const Submit& submit : submits) {
      if (jobs_.size() >= jobs_max)
        replies.answer(submit.ticket, Status::ESME_RTHROTTLED);
      else
        jobs_.push_back({submit.ticket, submit.outcome_wanted, std::string(submit.source.text),
                         std::string(submit.destination.text), text_of(submit).utf8});
    }
    wake_.notify_all();
  }

 private:
  static constexpr std::size_t jobs_max = 10'000;
  struct Job {
    Ticket ticket;
    bool outcome_wanted;
    std::string source, destination, text;
  };

  void work(Replies& replies, const std::stop_token& stop) {
    httplib::Client http(url_);
    http.set_keep_alive(true);
    std::unique_lock lock(mutex_);
    while (wake_.wait(lock, stop, [this] { return !jobs_.empty(); }) && !stop.stop_requested()) {
      const Job job = std::move(jobs_.front());
      jobs_.pop_front();
      lock.unlock();
      const httplib::Headers head{{"X-Source", job.source}, {"X-Destination", job.destination}};
      const auto answer = http.Post("/", head, job.text, "text/plain; charset=utf-8");
      Status status = Status::ESME_RSUBMITFAIL;
      if (!answer || answer->status >= 500) status = Status::ESME_RTHROTTLED;
      if (answer && answer->status / 100 == 2) status = Status::ESME_ROK;
      say([&] { return replies.answer(job.ticket, status); });
      if (status == Status::ESME_ROK && job.outcome_wanted)
        say([&] { return replies.report(job.ticket, {MessageState::delivered, 0}); });
      lock.lock();
    }
  }
  template <class F>
  static void say(F&& said) {
    while (said() == Posted::full) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }

  const std::string url_;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::deque<Job> jobs_;
  std::vector<std::jthread> workers_;  // the last: they end before what they use
};

int main(int count, char** words) {
  if (count != 3) return std::fprintf(stderr, "http_forward PORT URL\n"), 2;
  Options options;
  options.limits.max_connections = 500;
  options.listen.push_back({"127.0.0.1", static_cast<std::uint16_t>(std::atoi(words[1]))});
  options.accounts.emplace_back().system_id = "test";
  options.accounts.back().password = "test";
  Forwarder forwarder(words[2]);
  std::string error;
  const auto server = Server::start(options, forwarder, nullptr, error);
  if (server == nullptr) return std::fprintf(stderr, "http_forward: %s\n", error.c_str()), 1;
  std::printf("port %d\n", server->port());
  std::fflush(stdout);
  std::getchar();
  server->stop();
  return 0;
}
