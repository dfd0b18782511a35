// A content filter in front of another backend: submits that contain a blocked word are refused,
// and what is left goes on as if the filter were not there.
//
//   content_filter PORT WORD...    then bind as test/test
#include <ringgate/server.h>
#include <ringgate/text.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

using namespace ringgate;

class Filter : public Backend {
 public:
  Filter(Backend& behind, std::vector<std::string> blocked)
      : behind_(behind), blocked_(std::move(blocked)) {}

  void on_submits(std::span<const Submit> submits, Now now, Replies& replies) noexcept override {
    std::vector<Submit> good;
    good.reserve(submits.size());
    for (const Submit& submit : submits) {
      if (is_blocked(submit))
        replies.answer(submit.ticket, Status::ESME_RSUBMITFAIL);
      else
        good.push_back(submit);
    }
    if (!good.empty()) behind_.on_submits(good, now, replies);  // never empty, as promised
  }

  // Everything else is for whoever is behind.
  void on_start(unsigned shards, Now now,
                const std::shared_ptr<Replies>& replies) noexcept override {
    behind_.on_start(shards, now, replies);
  }
  BackendWishes wishes() const noexcept override { return behind_.wishes(); }
  void on_messages(std::span<const WholeMessage> all, Now now, Replies& replies) noexcept override {
    behind_.on_messages(all, now, replies);
  }
  void on_operations(std::span<const Operation> all, Now now, Replies& replies) noexcept override {
    behind_.on_operations(all, now, replies);
  }
  void on_delivered(std::span<const Delivered> all, Replies& replies) noexcept override {
    behind_.on_delivered(all, replies);
  }
  void on_room(unsigned shard) noexcept override { behind_.on_room(shard); }
  Nanos deadline(unsigned shard) const noexcept override { return behind_.deadline(shard); }
  void on_deadline(Now now, Replies& replies) noexcept override {
    behind_.on_deadline(now, replies);
  }

 private:
  bool is_blocked(const Submit& submit) const {
    const std::string text = text_of(submit).utf8;
    return std::any_of(blocked_.begin(), blocked_.end(), [&text](const std::string& word) {
      return text.find(word) != std::string::npos;
    });
  }

  Backend& behind_;
  const std::vector<std::string> blocked_;
};

// Stands for a real one: everything arrives at once.
class Deliverer : public Backend {
  void on_submits(std::span<const Submit> submits, Now, Replies& replies) noexcept override {
    for (const Submit& submit : submits) {
      replies.answer(submit.ticket, Status::ESME_ROK);
      if (submit.outcome_wanted) replies.report(submit.ticket, {MessageState::delivered, 0});
    }
  }
};

int main(int argument_count, char** arguments) {
  if (argument_count < 3) return std::fprintf(stderr, "content_filter PORT WORD...\n"), 2;
  Options options;
  options.limits.max_connections = 500;
  options.listen.push_back({"127.0.0.1", static_cast<std::uint16_t>(std::atoi(arguments[1]))});
  options.accounts.emplace_back().system_id = "test";
  options.accounts.back().password = "test";
  Deliverer deliverer;
  Filter filter(deliverer, {arguments + 2, arguments + argument_count});
  std::string error;
  const auto server = Server::start(options, filter, nullptr, error);
  if (server == nullptr) return std::fprintf(stderr, "content_filter: %s\n", error.c_str()), 1;
  std::printf("port %d\n", server->port());
  std::fflush(stdout);
  std::getchar();
  server->stop();
  return 0;
}
