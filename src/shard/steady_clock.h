// How long things are kept although the wall clock may jump: within a run by the monotonic clock,
// over a restart by the wall clock within bounds.
#pragma once

#include <algorithm>

#include "base/assert.h"
#include "base/units.h"

namespace ringgate {

/// Seconds that are those of the wall clock at the start of the process, and from then on only
/// count. For what is kept for a time that the journal writes as a date.
class SteadyClock {
 public:
  explicit SteadyClock(Now start) : start_(start) {}

  std::int64_t seconds_at(Now now) const {
    ASSERT(now.mono >= start_.mono);
    return start_.wall_s + (now.mono - start_.mono) / seconds(1);
  }
  /// What the wall clock shows now for a time that comes or came at `steady_s`.
  std::int64_t date_of(std::int64_t steady_s, Now now) const {
    return steady_s + now.wall_s - seconds_at(now);
  }

 private:
  const Now start_;
};

/// What a restart leaves of a wait at the least: the wall clock may have been set ahead while
/// nothing ran, and whoever is waited for needs a while to come back.
inline constexpr std::int64_t rest_after_restart_min_s = 600;

/// Seconds that are left, after a restart, of a wait of `length_s` that was to end when the wall
/// clock shows `until_s`.
constexpr std::int64_t rest_after_restart_s(std::int64_t until_s, std::int64_t length_s, Now now) {
  return std::clamp(until_s - now.wall_s, std::min(length_s, rest_after_restart_min_s), length_s);
}

}  // namespace ringgate
