#include "policy/resubmits.h"

#include "base/rarely.h"

namespace ringgate {

Resubmits::Verdict Resubmits::recognise(const ResubmitKey& key, std::int64_t now_s,
                                        std::uint32_t window_s, MessageId& id) {
  const Hold hold(held_);
  expire(now_s);
  const auto found = entries_.find(key);
  if (found != entries_.end()) {
    if (found->second.until_s > now_s) {
      if (!found->second.settled || RARELY("a repetition comes too early"))
        return Verdict::undecided;
      id = found->second.id;
      return Verdict::repeated;
    }
    // Its time is over, but its turn to be forgotten has not come.
    entries_.erase(found);
  }
  // Those that were forgotten before their time leave their places in the order.
  if (by_age_.size() >= count_max) return Verdict::unremembered;
  const auto until_s = static_cast<std::uint32_t>(now_s + window_s);
  entries_.emplace(key, Entry{id, until_s, false});
  by_age_.push_back({until_s, key});
  return Verdict::fresh;
}

void Resubmits::expire(std::int64_t now_s) {
  for (unsigned i = 0; i < expired_at_once_max; ++i) {
    if (by_age_.empty() || by_age_.front().until_s > now_s) return;
    const auto found = entries_.find(by_age_.front().key);
    if (found != entries_.end() && found->second.until_s <= now_s) entries_.erase(found);
    by_age_.pop_front();
  }
}

void Resubmits::settle(const ResubmitKey& key, MessageId id) {
  const Hold hold(held_);
  const auto found = entries_.find(key);
  if (found != entries_.end() && found->second.id == id) found->second.settled = true;
}

void Resubmits::remove(const ResubmitKey& key, MessageId id) {
  const Hold hold(held_);
  const auto found = entries_.find(key);
  if (found != entries_.end() && found->second.id == id) entries_.erase(found);
}

bool Resubmits::restore(const ResubmitKey& key, MessageId id, std::uint32_t until_s) {
  const Hold hold(held_);
  if (!entries_.emplace(key, Entry{id, until_s, true}).second) return false;
  by_age_.push_back({until_s, key});
  return true;
}

}  // namespace ringgate
