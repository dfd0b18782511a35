// A small message centre: what one client submits goes to the client whose number it is for, and
// the sender's receipt says what became of it.
//
//   message_centre [PORT]    then bind as anna/anna (numbers 4477...) and as bob/bob (4478...)
#include <ringgate/server.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

using namespace ringgate;

class Centre : public Backend {
 public:
  void on_start(unsigned, Now, const std::shared_ptr<Replies>& replies) noexcept override {
    replies_ = replies;
  }

  void on_submits(std::span<const Submit> submits, Now, Replies& replies) noexcept override {
    for (const Submit& submit : submits) {
      Deliver message;
      static_cast<Content&>(message) = submit;  // addresses, text, coding: as the sender wrote them
      message.tlvs = {};                        // but what it told us is not told on
      MessageId id;
      const Routed routed = replies.deliver(message, id);
      replies.answer(submit.ticket, status_of(routed));
      if (routed == Routed::ok) match(id, [&](UnderWay& one) { one.sender = submit.ticket; });
    }
  }

  // Called on the shard of the receiver, which may be another one than that of the sender, and
  // perhaps before deliver() has returned there.
  void on_delivered(std::span<const Delivered> delivered, Replies&) noexcept override {
    for (const Delivered& sent : delivered)
      match(sent.id, [&](UnderWay& one) { one.result = sent.result; });
  }

 private:
  struct UnderWay {
    std::optional<Ticket> sender;
    std::optional<DeliverResult> result;
  };

  static Status status_of(Routed routed) {
    if (routed == Routed::ok) return Status::ESME_ROK;
    return routed == Routed::full ? Status::ESME_RMSGQFUL : Status::ESME_RINVDSTADR;
  }

  // Whoever comes second of sender and result reports.
  template <class F>
  void match(MessageId id, F&& learn) {
    UnderWay both;
    {
      const std::scoped_lock lock(mutex_);
      UnderWay& one = under_way_[id.value];
      learn(one);
      if (!one.sender || !one.result) return;
      both = one;
      under_way_.erase(id.value);
    }
    const bool arrived = *both.result == DeliverResult::delivered;
    replies_->report(*both.sender,
                     {arrived ? MessageState::delivered : MessageState::undeliverable, 0});
  }

  std::shared_ptr<Replies> replies_;
  std::mutex mutex_;
  std::unordered_map<std::uint64_t, UnderWay> under_way_;
};

int main(int argument_count, char** arguments) {
  Options options;
  options.cores.shards = 2;
  options.limits.max_connections = 500;
  const int port = argument_count > 1 ? std::atoi(arguments[1]) : 2775;
  options.listen.push_back({"127.0.0.1", static_cast<std::uint16_t>(port)});
  for (const auto& [name, prefix] : {std::pair{"anna", "4477"}, std::pair{"bob", "4478"}}) {
    options.accounts.emplace_back().system_id = name;
    options.accounts.back().password = name;
    options.numbers.emplace_back().prefix = prefix;
    options.numbers.back().account = name;
  }
  Centre centre;
  std::string error;
  const auto server = Server::start(options, centre, nullptr, error);
  if (server == nullptr) return std::fprintf(stderr, "message_centre: %s\n", error.c_str()), 1;
  std::printf("port %d\n", server->port());
  std::fflush(stdout);
  std::getchar();
  server->stop();
  return 0;
}
