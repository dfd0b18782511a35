#include "runtime/inbox.h"

#include <sys/eventfd.h>

#include <utility>

namespace ringgate::runtime {

bool Inbox::post(InboxItem item) {
  const std::scoped_lock lock(mutex_);
  if (closed_) return false;
  put(std::move(item));
  return true;
}

Posted Inbox::try_post(InboxItem item) {
  const std::scoped_lock lock(mutex_);
  if (const Posted room = has_room(); room != Posted::ok) return room;
  put(std::move(item));
  return Posted::ok;
}

/// Under the lock.
Posted Inbox::has_room() {
  if (closed_) return Posted::gone;
  if (items_.size() < size_max) return Posted::ok;
  told_full_ = true;
  return Posted::full;
}

/// Under the lock: what is behind event_fd_ goes away once the inbox has been closed.
void Inbox::put(InboxItem item) {
  items_.push_back(std::move(item));
  size_.store(items_.size(), std::memory_order_release);
  if (flag_.claim_wake()) eventfd_write(event_fd_, 1);
}

void Inbox::close() {
  const std::scoped_lock lock(mutex_);
  closed_ = true;
  // Somebody waits until these are gone.
  std::erase_if(items_,
                [](const InboxItem& item) { return std::holds_alternative<OrderItem>(item); });
  size_.store(items_.size(), std::memory_order_release);
}

bool Inbox::take(std::vector<InboxItem>& out) {
  out.clear();
  const std::scoped_lock lock(mutex_);
  out.swap(items_);
  size_.store(0, std::memory_order_release);
  return std::exchange(told_full_, false);
}

}  // namespace ringgate::runtime
