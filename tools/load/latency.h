// Latencies of one kind: how they are collected, and what is said of them.
#pragma once

#include <ringgate/types.h>

#include <cstdint>

#include "base/histogram.h"

namespace ringgate::load {

/// Latencies that often repeat, because messages of one batch share their times: a run of equal
/// ones is recorded at once.
class LatencyRecorder {
 public:
  void record(Nanos latency) {
    if (latency == last_) [[likely]] {
      ++repeats_;
      return;
    }
    flush();
    last_ = latency;
    repeats_ = 1;
  }

  /// Of what was recorded since the last clear(); valid until then.
  const Histogram& histogram() {
    flush();
    return histogram_;
  }

  /// Begins anew.
  void clear() {
    repeats_ = 0;
    histogram_.clear();
  }

 private:
  void flush() {
    // A receipt can be read in the turn that sent its message, but not before it.
    histogram_.record(static_cast<std::uint64_t>(last_ < 0 ? 0 : last_), repeats_);
    repeats_ = 0;
  }

  Histogram histogram_;
  Nanos last_ = 0;
  std::uint64_t repeats_ = 0;
};

struct LatencySummary {
  std::uint64_t count = 0;
  Nanos p50 = 0, p99 = 0, p999 = 0, max = 0;
};
LatencySummary summarize(const Histogram& histogram);

}  // namespace ringgate::load
