// When connections end, and when they come back.
#pragma once

#include <ringgate/types.h>

#include <algorithm>
#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <queue>
#include <vector>

#include "base/prng.h"
#include "base/units.h"

namespace ringgate::load {

struct RebindOptions {
  Nanos churn = 0;         ///< how long a bind lives, about; 0: to the end
  Nanos storm = 0;         ///< from one cut of all connections to the next; 0: there is none
  bool reconnect = false;  ///< what is lost comes back, as with either of these

  bool wanted() const { return reconnect || churn != 0 || storm != 0; }
};

/// One thread, which knows its connections by number. Threads with the same options have their
/// storms at the same time.
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

  /// The connection is closed and comes back: at once, or after so many failures in a row later;
  /// the last delays are about five seconds, as those of clients that do not wish to harm.
  void expect(std::uint32_t connection, Nanos now, unsigned failures) {
    returning_.push({next_attempt(now, failures), connection});
  }
  bool expects_any() const { return !returning_.empty(); }
  /// When the next one comes back.
  Nanos next_return() const { return returning_.empty() ? never : returning_.top().at; }
  /// One that is due; empty: none is.
  std::optional<std::uint32_t> take_return(Nanos now) {
    if (next_return() > now) return std::nullopt;
    const std::uint32_t connection = returning_.top().connection;
    returning_.pop();
    return connection;
  }
  /// Nobody comes back any more.
  void forget() { returning_ = {}; }

 private:
  struct Return {
    Nanos at;
    std::uint32_t connection;

    auto operator<=>(const Return&) const = default;
  };

  Nanos next_attempt(Nanos now, unsigned failures) {
    if (failures == 0) return now;
    constexpr Nanos first = milliseconds(100), most = seconds(5);
    constexpr unsigned doublings_max = 6;
    const Nanos delay = std::min(most, first << std::min(failures - 1, doublings_max));
    return now + static_cast<Nanos>((0.5 + prng_.unit()) * static_cast<double>(delay));
  }

  RebindOptions options_;
  Prng prng_;
  Nanos next_storm_ = never;
  std::priority_queue<Return, std::vector<Return>, std::greater<>> returning_;
};

}  // namespace ringgate::load
