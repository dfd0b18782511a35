// Messages of accounts that may resubmit, from acceptance until their key has expired.
#pragma once

#include <deque>
#include <unordered_map>

#include "base/assert.h"
#include "policy/resubmits.h"

namespace ringgate {

/// One shard's. The keys themselves are with the account (policy/resubmits.h), for all shards; here
/// is what the shard owes them: to watch for the first answer, and to keep their records
/// alive in its journal. One thread.
class ResubmitWatch {
 public:
  /// So many whose time is over are forgotten for each one that comes.
  static constexpr unsigned expired_at_once_max = 16;

  struct Watched {
    ResubmitKey key;
    MessageId id;
    std::uint32_t account = 0;
    std::uint32_t until_s = 0;  ///< steady clock
    std::uint32_t segment = 0;  ///< of the journal, that holds its record; 0: it has none yet
  };

  /// None waits for its answer or for its time.
  bool empty() const { return open_.empty() && kept_.empty(); }

  void open(std::uint32_t slot, const Watched& watched) {
    // The one before it in that slot was answered before the slot was free.
    const bool fresh = open_.emplace(slot, watched).second;
    ASSERT(fresh);
  }
  /// Those that have not been answered.
  std::size_t open_count() const { return open_.size(); }
  /// The watched message in that slot has been answered or has ended; null if it is not watched.
  bool take(std::uint32_t slot, Watched& out) {
    const auto found = open_.find(slot);
    if (found == open_.end()) return false;
    out = found->second;
    open_.erase(found);
    return true;
  }
  /// The watched message in that slot, if it has not been answered yet; null if there is none.
  Watched* find(std::uint32_t slot) {
    const auto found = open_.find(slot);
    return found == open_.end() ? nullptr : &found->second;
  }
  struct Answered {
    bool accepted = false;
    Watched watched;
  };
  /// Beyond `max` the oldest is not kept any more, and a restart forgets it. True when that comes
  /// before its time, by the steady clock.
  bool keep(const Watched& watched, std::size_t max, std::int64_t now_s) {
    ASSERT(max != 0);
    kept_.push_back(watched);
    for (unsigned i = 0; i < expired_at_once_max; ++i) {
      if (kept_.front().until_s > now_s) break;
      kept_.pop_front();
      if (kept_.empty()) return false;
    }
    if (kept_.size() <= max) return false;
    const bool early = kept_.front().until_s > now_s;
    kept_.pop_front();
    ASSERT(kept_.size() <= max);
    return early;
  }
  std::size_t kept() const { return kept_.size(); }

  /// How many for_each_in() would call.
  std::size_t count_in(std::uint32_t segment, std::int64_t now_s) const {
    std::size_t count = 0;
    for (const Watched& one : kept_) count += one.segment == segment && one.until_s > now_s;
    for (const auto& [slot, one] : open_) count += one.segment == segment;
    return count;
  }
  /// Calls f(Watched&) for those whose record lies in that segment and that have not expired by the
  /// steady clock.
  template <class F>
  void for_each_in(std::uint32_t segment, std::int64_t now_s, F&& f) {
    for (Watched& one : kept_)
      if (one.segment == segment && one.until_s > now_s) f(one);
    for (auto& [slot, one] : open_)
      if (one.segment == segment) f(one);
  }

 private:
  std::unordered_map<std::uint32_t, Watched> open_;  // by the message's slot
  std::deque<Watched> kept_;
};

}  // namespace ringgate
