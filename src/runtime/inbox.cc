#include "runtime/inbox.h"

#include <sys/eventfd.h>

#include <thread>

namespace ringgate::runtime {

void Inbox::post(InboxItem item) {
  for (;;) {
    {
      const std::scoped_lock lock(mutex_);
      if (closed_) return;
      if (items_.size() < size_max) {
        items_.push_back(std::move(item));
        size_.store(items_.size(), std::memory_order_release);
        break;
      }
    }
    std::this_thread::yield();
  }
  if (flag_.claim_wake()) eventfd_write(event_fd_, 1);
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
