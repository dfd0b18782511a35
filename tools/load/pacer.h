// When each message of an open loop is meant to be sent.
#pragma once

#include <ringgate/types.h>

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "base/prng.h"
#include "load/rate_profile.h"

namespace ringgate::load {

/// How messages follow each other at a rate: as a clock ticks, or as if nobody knew of anybody else
/// (a Poisson process), which is how people send, and what a queue suffers from.
enum class Arrivals : std::uint8_t { even, poisson };

/// Intended times: each message has its own, whether or not the ones before it could be sent.
/// Latency counted from there includes the time a message waits because the server is slow, which a
/// client that only sends when it can would leave out.
class Pacer {
 public:
  /// `profile` is not empty; the same seed gives the same times. Evenly spaced ones begin after so
  /// much of the first gap.
  Pacer(const RateProfile& profile, Arrivals arrivals, std::uint64_t seed, Nanos start,
        double offset = 0)
      : profile_(profile), clock_(profile), arrivals_(arrivals), prng_(seed), start_(start) {
    reached_ = arrivals_ == Arrivals::poisson ? draw() : offset;
    next_ = at(reached_);
  }

  /// When the next message is meant to leave.
  Nanos next() const { return next_; }
  bool due(Nanos now) const { return next_ <= now; }

  /// The next message has been sent.
  void advance() {
    reached_ += draw();
    next_ = at(reached_);
  }

  /// Messages meant to leave before `end` that advance() was not called for; of a Poisson process,
  /// so many as are to be expected.
  std::uint64_t behind(Nanos end) const {
    if (next_ >= end) return 0;
    const double due = profile_.due_by(static_cast<double>(end - start_) / 1e9);
    return static_cast<std::uint64_t>(std::max(1.0, std::ceil(due - reached_ - 1e-9)));
  }

 private:
  double draw() { return arrivals_ == Arrivals::even ? 1 : -std::log1p(-prng_.unit()); }

  // From the number of the message and not from the time of the one before, so that no fraction of
  // a nanosecond accumulates.
  Nanos at(double messages) {
    const double after_ns = clock_.time_of(messages) * 1e9;
    constexpr double farthest = 9e18;
    return after_ns < farthest - static_cast<double>(start_) ? start_ + std::llround(after_ns)
                                                             : never;
  }

  RateProfile profile_;
  RateClock clock_;
  Arrivals arrivals_;
  Prng prng_;
  Nanos start_;
  double reached_ = 0;  // messages, of which the next one is the last
  Nanos next_ = 0;
};

}  // namespace ringgate::load
