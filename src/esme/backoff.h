// When an ESME tries again to be bound.
#pragma once

#include <algorithm>

#include <ringgate/status.h>

#include "base/prng.h"
#include "base/units.h"

namespace ringgate {

/// One thread.
class Backoff {
 public:
  struct Times {
    Nanos min = seconds(1);
    Nanos max = seconds(60);
    Nanos ghost = seconds(15);
  };
  /// A bind that lasted so long was a good one: what was before it does not count any more.
  static constexpr Nanos lasting = seconds(10);

  Backoff(const Times& times, std::uint64_t seed) : times_(times), prng_(seed) {}

  /// How long to wait after a bind that was there for so long.
  Nanos after_loss(Nanos bound_for) {
    if (bound_for < lasting) return after_failure();
    failures_ = 0;
    // Not all at once with everybody else who lost the same centre.
    return static_cast<Nanos>(prng_.below(static_cast<std::uint64_t>(times_.min / 4 + 1)));
  }
  /// ... after a connection that did not come about, or a bind without an answer.
  Nanos after_failure() {
    if (failures_ < doublings_max) ++failures_;
    const unsigned doublings = failures_ - 1;
    // Compared this way round, as it would not fit.
    const bool is_most = (times_.max >> doublings) < times_.min;
    return jittered(is_most ? times_.max : times_.min << doublings);
  }
  Nanos after_refusal(Status status) {
    if (status == Status::ESME_RALYBND) return jittered(times_.ghost);
    return is_about_us(status) ? jittered(times_.max) : after_failure();
  }

 private:
  static constexpr unsigned doublings_max = 20;

  /// Whether to say the same again would help as little.
  static bool is_about_us(Status status) {
    return status == Status::ESME_RINVPASWD || status == Status::ESME_RINVSYSID ||
           status == Status::ESME_RBINDFAIL || status == Status::ESME_RINVSYSTYP;
  }
  Nanos jittered(Nanos delay) {
    return delay - delay / 4 +
           static_cast<Nanos>(prng_.below(static_cast<std::uint64_t>(delay / 2 + 1)));
  }

  const Times times_;
  unsigned failures_ = 0;
  Prng prng_;
};

}  // namespace ringgate
