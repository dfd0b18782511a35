#include "load/receipt_desk.h"

#include <algorithm>

namespace ringgate::load {

ReceiptDesk::ReceiptDesk(std::size_t expected, bool one_thread) {
  const std::size_t count = one_thread ? 1 : drawer_count;
  for (std::size_t i = 0; i < count; ++i)
    drawers_.push_back(std::make_unique<Drawer>(std::max<std::size_t>(expected / count, 1)));
}

std::uint64_t ReceiptDesk::open_count() const { return counts().missing(); }

void ReceiptDesk::answered(std::uint64_t key, bool taken) {
  const std::lock_guard lock(mutex_);
  if (taken)
    refused_.erase(key);
  else if (refused_.size() < refused_max)
    refused_.insert(key);
  else if (!refused_.contains(key))
    ++refused_beyond_;
}

ReceiptCounts ReceiptDesk::counts() const {
  ReceiptCounts out;
  {
    const std::lock_guard lock(mutex_);
    out.given_up = refused_.size() + refused_beyond_;
  }
  for (const auto& drawer : drawers_) {
    const std::lock_guard lock(drawer->mutex);
    const ReceiptCounts counts = drawer->matcher.counts();
    out.requested += counts.requested;
    out.matched += counts.matched;
    out.duplicate += counts.duplicate;
    out.early += counts.early;
    out.unknown += counts.unknown;
  }
  return out;
}

}  // namespace ringgate::load
