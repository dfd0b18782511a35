// Receipts of one account that wait for a bind, and the choice of the bind. Lives on the account's
// home shard.
#pragma once

#include <optional>
#include <vector>

#include <ringgate/options.h>

#include "base/prng.h"
#include "message/record.h"

namespace ringgate {

/// A bind that can take deliver_sm, as the home shard sees it.
struct ReceivingBind {
  BindRef bind;
  std::uint32_t window = 0;
  std::uint32_t open = 0;  ///< handed out and not yet back
  Nanos busy_until = 0;    ///< its own shard said full: others filled the window meanwhile
};

class Outbox {
 public:
  Outbox() = default;

  void set_routing(ReceiptRouting routing) { routing_ = routing; }

  void add_bind(BindRef bind, std::uint32_t window);
  void remove_bind(BindRef bind);

  /// The record waits here until take() hands it out.
  void push_back(MessageRecord& record);
  void push_front(MessageRecord& record);

  /// The next record and the bind that shall carry it; null when nothing waits or no bind can take
  /// what waits. The bind's share of its window counts as used until give_back().
  MessageRecord* take(Nanos now, BindRef& target);
  /// The attempt on `bind` is over, however it ended.
  void give_back(BindRef bind);
  /// The bind's shard had no room.
  void mark_busy(BindRef bind, Nanos until);

  /// The oldest waiting record, for expiry; null when none waits.
  MessageRecord* oldest() { return waiting_.front(); }
  void remove(MessageRecord& record) { waiting_.remove(record); }

  /// A bind that receives, for what is told now or never; empty if there is none.
  std::optional<BindRef> any_bind() const {
    if (binds_.empty()) return std::nullopt;
    return binds_.front().bind;
  }

  std::size_t waiting() const { return waiting_.size(); }
  std::size_t bind_count() const { return binds_.size(); }
  /// When a busy bind is worth asking again; never while none is busy or nothing waits.
  Nanos deadline(Nanos now) const;

 private:
  ReceivingBind* find(BindRef bind);
  ReceivingBind* choose(const MessageRecord& record, Nanos now);

  IntrusiveList<MessageRecord, &MessageRecord::link> waiting_;
  std::vector<ReceivingBind> binds_;
  std::size_t next_ = 0;  // round robin
  ReceiptRouting routing_ = ReceiptRouting::any;
};

/// How long a receipt rests after its n-th failed attempt (n from 1): 1 s doubled up to a minute,
/// plus up to a quarter of jitter, so that a recovering client is not hit by everything at once.
Nanos retry_delay(unsigned attempts, Prng& prng);

}  // namespace ringgate
