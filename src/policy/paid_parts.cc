#include "policy/paid_parts.h"

namespace ringgate {

SubmitLimits::Taken PaidParts::take(std::uint64_t key, unsigned parts, unsigned destinations,
                                    SubmitLimits& limits, Nanos now, Nanos patience) {
  const Hold hold(held_);
  while (!by_age_.empty() && by_age_.front().until <= now) remove_oldest();
  const auto found = messages_.find(key);
  if (found != messages_.end()) {
    if (--found->second.left == 0) messages_.erase(found);
    return {};
  }
  const SubmitLimits::Taken taken = limits.take(parts, destinations);
  if (taken.over != SubmitLimits::Over::nothing || parts == 1) return taken;
  while (by_age_.size() >= count_max) remove_oldest();
  messages_[key] = {parts - 1, now + patience};
  by_age_.push_back({now + patience, key});
  return taken;
}

/// Or what is left of it: a message with the same key may have begun after it was whole.
void PaidParts::remove_oldest() {
  const auto found = messages_.find(by_age_.front().key);
  if (found != messages_.end() && found->second.until == by_age_.front().until)
    messages_.erase(found);
  by_age_.pop_front();
}

}  // namespace ringgate
