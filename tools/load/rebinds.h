// When connections end, and when they come back.
#pragma once

#include <ringgate/types.h>

#include <algorithm>
#include <cstdint>

#include "base/prng.h"
#include "base/units.h"

namespace ringgate::load {

struct RebindOptions {
  Nanos churn = 0;         ///< how long a bind lives, about; 0: to the end
  Nanos storm = 0;         ///< from one cut of all connections to the next; 0: there is none
  bool reconnect = false;  ///< what is lost comes back, as with either of these

  bool wanted() const { return reconnect || churn != 0 || storm != 0; }
};

/// One thread. Threads with the same options have their storms at the same time.
class Rebinds {
 public:
  Rebinds(const RebindOptions& options, std::uint64_t seed) : options_(options), prng_(seed) {}

  bool wanted() const { return options_.wanted(); }
  /// The run begins at `now`.
  void start(Nanos now) {
    if (options_.storm != 0) next_storm_ = now + options_.storm;
  }
  /// Of a bind that begins at `now`: between a half and one and a half of what was asked for, so
  /// that binds that began together end apart.
  Nanos end_of_bind(Nanos now) {
    if (options_.churn == 0) return never;
    return now + static_cast<Nanos>((0.5 + prng_.unit()) * static_cast<double>(options_.churn));
  }
  Nanos next_storm() const { return next_storm_; }
  /// The storm that is due has been.
  void pass_storm(Nanos now) {
    while (next_storm_ <= now) next_storm_ += options_.storm;
  }
  /// When to try again after so many failures in a row; the first attempt is at once, and the last
  /// delays are about five seconds, as those of clients that do not wish to harm.
  Nanos next_attempt(Nanos now, unsigned failures) {
    if (failures == 0) return now;
    constexpr Nanos first = milliseconds(100), most = seconds(5);
    constexpr unsigned doublings_max = 6;
    const Nanos delay = std::min(most, first << std::min(failures - 1, doublings_max));
    return now + static_cast<Nanos>((0.5 + prng_.unit()) * static_cast<double>(delay));
  }

 private:
  RebindOptions options_;
  Prng prng_;
  Nanos next_storm_ = never;
};

}  // namespace ringgate::load
