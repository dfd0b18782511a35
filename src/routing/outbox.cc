#include "routing/outbox.h"

#include <algorithm>

#include "base/units.h"

namespace ringgate {
namespace {

// How many waiting receipts are asked before giving up for this turn.
constexpr unsigned look_ahead_max = 64;

}  // namespace

void Outbox::add_bind(BindRef bind, std::uint32_t window) {
  binds_.push_back({bind, window, 0, 0});
}

void Outbox::remove_bind(BindRef bind) {
  std::erase_if(binds_, [bind](const ReceivingBind& one) { return one.bind == bind; });
}

void Outbox::push_back(MessageRecord& record) { waiting_.push_back(record); }
void Outbox::push_front(MessageRecord& record) { waiting_.push_front(record); }

ReceivingBind* Outbox::find(BindRef bind) {
  for (ReceivingBind& one : binds_)
    if (one.bind == bind) return &one;
  return nullptr;
}

ReceivingBind* Outbox::choose(const MessageRecord& record, Nanos now) {
  const auto free = [now](const ReceivingBind& one) {
    return one.open < one.window && one.busy_until <= now;
  };
  if (routing_ == ReceiptRouting::same_bind && record.attempts == 0) {
    ReceivingBind* const own = find({record.submitter, record.owner_shard});
    if (own != nullptr) return free(*own) ? own : nullptr;
  }
  // The bind that failed last is taken again only when there is no other.
  const BindRef last{record.last_link, record.last_shard};
  if (routing_ == ReceiptRouting::round_robin) {
    for (std::size_t i = 0; i < binds_.size(); ++i) {
      ReceivingBind& one = binds_[(next_ + i) % binds_.size()];
      if (!free(one) || (one.bind == last && binds_.size() > 1)) continue;
      next_ = (next_ + i + 1) % binds_.size();
      return &one;
    }
    return nullptr;
  }
  ReceivingBind* best = nullptr;
  for (ReceivingBind& one : binds_) {
    if (!free(one) || (one.bind == last && binds_.size() > 1)) continue;
    // open/window compared without a division.
    if (best == nullptr ||
        std::uint64_t{one.open} * best->window < std::uint64_t{best->open} * one.window)
      best = &one;
  }
  return best;
}

MessageRecord* Outbox::take(Nanos now, BindRef& target) {
  // Receipts leave in order, except that one whose own bind is full does not hold up those of other
  // binds for ever.
  unsigned looked_at = 0;
  for (MessageRecord* record = waiting_.front(); record != nullptr && looked_at < look_ahead_max;
       record = waiting_.next(*record), ++looked_at) {
    ReceivingBind* const chosen = choose(*record, now);
    if (chosen == nullptr) continue;
    waiting_.remove(*record);
    ++chosen->open;
    target = chosen->bind;
    return record;
  }
  return nullptr;
}

void Outbox::give_back(BindRef bind) {
  ReceivingBind* const one = find(bind);
  if (one != nullptr && one->open > 0) --one->open;
}

void Outbox::mark_busy(BindRef bind, Nanos until) {
  ReceivingBind* const one = find(bind);
  if (one != nullptr) one->busy_until = until;
}

Nanos Outbox::deadline(Nanos now) const {
  if (waiting_.empty()) return never;
  Nanos at = never;
  for (const ReceivingBind& one : binds_)
    if (one.busy_until > now) at = std::min(at, one.busy_until);
  return at;
}

Nanos retry_delay(unsigned attempts, Prng& prng) {
  const unsigned doublings = std::min(attempts > 0 ? attempts - 1 : 0, 6u);
  const Nanos base = std::min(seconds(1) << doublings, seconds(60));
  return base + static_cast<Nanos>(prng.below(static_cast<std::uint64_t>(base / 4)));
}

}  // namespace ringgate
