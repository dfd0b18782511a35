// When each message of an open loop is meant to be sent.
#pragma once

#include <ringgate/types.h>

#include <cstdint>

#include "base/assert.h"

namespace ringgate::load {

/// Evenly spaced intended times: message n of a rate is due n / rate seconds after the start,
/// whether or not the ones before it could be sent. Latency counted from there includes the time a
/// message waits because the server is slow, which a client that only sends when it can would
/// leave out.
class Pacer {
 public:
  /// `per_second` > 0.
  Pacer(double per_second, Nanos start) : period_(1e9 / per_second), start_(start) {
    ASSERT(per_second > 0);
  }

  /// When the next message is meant to leave.
  Nanos next() const { return next_; }
  bool due(Nanos now) const { return next_ <= now; }

  /// The next message has been sent.
  void advance() { next_ = at(++sent_); }

  /// Messages meant to leave before `end` that advance() was not called for.
  std::uint64_t behind(Nanos end) const {
    if (next_ >= end) return 0;
    std::uint64_t count = static_cast<std::uint64_t>(static_cast<double>(end - next_) / period_);
    while (at(sent_ + count) < end) ++count;
    return count;
  }

 private:
  // A product and not a sum, so that the period's fraction of a nanosecond does not accumulate.
  Nanos at(std::uint64_t index) const {
    return start_ + static_cast<Nanos>(static_cast<double>(index) * period_);
  }

  double period_;
  Nanos start_;
  Nanos next_ = start_;
  std::uint64_t sent_ = 0;
};

}  // namespace ringgate::load
