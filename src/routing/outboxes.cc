#include "routing/outboxes.h"

#include "base/assert.h"
#include "base/rarely.h"

namespace ringgate {

Outboxes::Outboxes(const Directory& directory, Nanos now) : timers_(now) { adopt(directory); }

void Outboxes::adopt(const Directory& directory) {
  ASSERT(directory.size() >= entries_.size());
  entries_.resize(directory.size());
  for (std::uint32_t i = 0; i < directory.size(); ++i) {
    entries_[i].outbox.set_routing(directory.at(i).options.receipts);
    entries_[i].state = directory.at(i).state;
  }
}

void Outboxes::push_back(MessageRecord& record, Nanos now) {
  Entry& entry = entries_[record.account];
  entry.outbox.push_back(record);
  tell_waiting(entry);
  changed(entry, now);
}

void Outboxes::push_front(MessageRecord& record, Nanos now) {
  Entry& entry = entries_[record.account];
  entry.outbox.push_front(record);
  tell_waiting(entry);
  changed(entry, now);
}

void Outboxes::add_bind(std::uint32_t account, BindRef bind, std::uint32_t window, Nanos now) {
  entries_[account].outbox.add_bind(bind, window);
  changed(entries_[account], now);
}

void Outboxes::remove_bind(std::uint32_t account, BindRef bind, Nanos now) {
  entries_[account].outbox.remove_bind(bind);
  changed(entries_[account], now);
}

void Outboxes::give_back(std::uint32_t account, BindRef bind, Nanos now) {
  entries_[account].outbox.give_back(bind);
  changed(entries_[account], now);
}

void Outboxes::give_back_busy(std::uint32_t account, BindRef bind, Nanos now) {
  entries_[account].outbox.give_back_busy(bind, now);
  changed(entries_[account], now);
}

/// Anything that may have made something movable, or have brought its deadline forward.
void Outboxes::changed(Entry& entry, Nanos now) {
  if (entry.ready.linked() || entry.outbox.waiting() == 0) return;
  if (entry.outbox.can_move(now) || RARELY("an outbox is looked at in vain"))
    make_ready(entry);
  else
    arm(entry, now);
}

void Outboxes::tell_waiting(Entry& entry) {
  entry.state->waiting.store(static_cast<std::uint32_t>(entry.outbox.waiting()),
                             std::memory_order_relaxed);
}

void Outboxes::make_ready(Entry& entry) {
  if (!entry.ready.linked()) ready_.push_back(entry);
}

/// The timer is only ever brought forward; one that fires too early leads to a look and is set
/// anew. That keeps the wheel out of the path of messages.
void Outboxes::arm(Entry& entry, Nanos now) {
  const Nanos at = RARELY("an outbox is looked at early") ? now : entry.outbox.deadline(now);
  if (at < entry.at) timers_.arm(entry, at);
}

}  // namespace ringgate
