#include "runtime/inbox.h"

#include <sys/eventfd.h>

#include <thread>

namespace ringgate::runtime {

bool Inbox::post(InboxItem item) {
  std::unique_lock lock(mutex_);
  while (!closed_ && items_.size() >= size_max && !on_shard_thread) {
    lock.unlock();
    std::this_thread::yield();
    lock.lock();
  }
  if (closed_) return false;
  items_.push_back(std::move(item));
  size_.store(items_.size(), std::memory_order_release);
  // Under the lock, because what is behind it goes away once the inbox has been closed.
  if (flag_.claim_wake()) eventfd_write(event_fd_, 1);
  return true;
}

void Inbox::close() {
  const std::scoped_lock lock(mutex_);
  closed_ = true;
}

void Inbox::take(std::vector<InboxItem>& out) {
  out.clear();
  const std::scoped_lock lock(mutex_);
  out.swap(items_);
  size_.store(0, std::memory_order_release);
}

}  // namespace ringgate::runtime
