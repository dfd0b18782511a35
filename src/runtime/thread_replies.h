// Replies for backends with threads of their own.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include <ringgate/backend.h>

#include "message/id_source.h"
#include "runtime/inbox.h"
#include "runtime/rosters.h"

namespace ringgate::runtime {

/// Any thread. Shared with the backend, and has its own share of what it needs, so that it may be
/// used for ever: when the shards have ended their inboxes are closed, and nothing happens.
class ThreadReplies final : public Replies {
 public:
  /// One inbox per shard.
  ThreadReplies(std::vector<std::shared_ptr<Inbox>> inboxes, std::shared_ptr<const Rosters> rosters,
                unsigned node, std::int64_t first_sequence, const MessageIdCodec& codec);

  Posted answer(Ticket ticket, Status status) override;
  Posted report(Ticket ticket, Outcome outcome) override;
  Posted answer_all(std::span<const Answer> answers, std::size_t& taken) override;
  Posted report_all(std::span<const Report> reports, std::size_t& taken) override;
  Posted answer(OperationTicket ticket, const OperationAnswer& answer) override;
  Routed deliver(const Deliver& message, MessageId& id) override;
  Routed alert(const Alert& alert) override;
  unsigned shard() const override { return 0; }

 private:
  /// Ids given out here carry a shard number that no shard has.
  static constexpr unsigned off_shard = 255;

  /// Null for a shard that there is not: whoever made up that ticket is not heard.
  Inbox* inbox_of(unsigned shard);
  template <class Item, class Said>
  Posted post_all(std::span<const Said> said, std::size_t& taken);
  Inbox& home_of(std::uint32_t account) { return *inboxes_[account % inboxes_.size()]; }

  const std::vector<std::shared_ptr<Inbox>> inboxes_;
  const std::shared_ptr<const Rosters> rosters_;
  const MessageIdCodec codec_;
  std::mutex ids_mutex_;
  MessageIdSource ids_;
};

}  // namespace ringgate::runtime
