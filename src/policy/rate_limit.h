// Submits per second, of an account over all its binds and shards, a bind or a listener: GCRA.
//
// The whole state is one number, the theoretical arrival time (TAT) of the next submit if they came
// exactly at the rate. A submit conforms while TAT is at most `tolerance` ahead of now; each
// admitted one moves TAT by one interval. No refill timer can be late, and idle time earns at most
// the burst.
#pragma once

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdint>

#include <ringgate/types.h>

#include "base/rarely.h"

namespace ringgate {

/// How many per second, and how many at once. A value.
class Rate {
 public:
  /// No limit.
  Rate() = default;
  /// `per_second` 0 = no limit. `burst` submits may come at once, at least 1.
  Rate(double per_second, unsigned burst)
      : interval_(per_second > 0 ? static_cast<std::int64_t>(std::llround(1e9 * scale / per_second))
                                 : 0),
        tolerance_(interval_ == 0 ? 0
                                  : std::min<std::int64_t>(std::max(burst, 1u) - 1,
                                                           tolerance_max / interval_) *
                                        interval_) {}

  /// As options say it: with `burst` 0 a second's worth comes at once, at least 1. That is how a
  /// rate per second is understood: who sends what he may in a second may send it together. With
  /// less, a window that arrives in one segment or a message of several parts is refused although
  /// the client has been silent.
  static Rate per_second(double rate, unsigned burst) {
    return Rate(rate, burst != 0 ? burst : static_cast<unsigned>(std::clamp(rate, 1.0, 1e6)));
  }

  bool limited() const { return interval_ != 0; }
  friend bool operator==(const Rate&, const Rate&) = default;

 private:
  friend class RateLimit;

  // Sixteenths of a nanosecond: at a million a second the interval rounds by less than 0.01 %, and
  // 18 years fit.
  static constexpr std::int64_t scale = 16;
  // Two years: of a burst that takes longer to come back nobody will see the rest.
  static constexpr std::int64_t tolerance_max = std::int64_t{1} << 60;

  std::int64_t interval_ = 0;
  std::int64_t tolerance_ = 0;
};

/// What has been used of a rate.
class RateLimit {
 public:
  /// `now` is any time before the first use.
  explicit RateLimit(Nanos now) : epoch_(now) {}

  /// Takes one submit's worth if that conforms. Any thread.
  bool admit(const Rate& rate, Nanos now) {
    const std::int64_t at = fixed(now);
    // Relaxed: the number guards nothing but itself, and the exchange keeps it exact.
    std::int64_t tat = tat_.load(std::memory_order_relaxed);
    std::int64_t base;
    do {
      base = std::max(tat, at);
      if (base - at > rate.tolerance_) return false;
    } while (RARELY("another shard was faster") ||
             !tat_.compare_exchange_weak(tat, base + rate.interval_, std::memory_order_relaxed));
    return true;
  }

  /// Takes `count` submits' worth if all of them conform together. More than the burst do where one
  /// burst would: else they never could. Any thread.
  bool admit_whole(const Rate& rate, Nanos now, unsigned count) {
    const std::int64_t at = fixed(now);
    const std::int64_t ahead =
        std::min((std::int64_t{count} - 1) * rate.interval_, rate.tolerance_);
    std::int64_t tat = tat_.load(std::memory_order_relaxed);
    std::int64_t base;
    do {
      base = std::max(tat, at);
      if (base - at > rate.tolerance_ - ahead) return false;
    } while (
        !tat_.compare_exchange_weak(tat, base + rate.interval_ * count, std::memory_order_relaxed));
    return true;
  }

  /// Takes `count` submits' worth whether they conform or not; returns when the next would conform
  /// (maybe in the past). For pacing: admit these, read the next no earlier than that; and for the
  /// rest of a PDU that holds many, which is not refused by halves. Any thread.
  Nanos reserve(const Rate& rate, Nanos now, unsigned count = 1) {
    const std::int64_t at = fixed(now);
    std::int64_t tat = tat_.load(std::memory_order_relaxed);
    std::int64_t next;
    do {
      // However much is owed, the sum has room.
      next = std::min(std::max(tat, at) + rate.interval_ * count, at + Rate::tolerance_max);
    } while (!tat_.compare_exchange_weak(tat, next, std::memory_order_relaxed));
    return conforms_at(rate, next);
  }

  /// When the next would conform (maybe in the past).
  Nanos next(const Rate& rate) const {
    return conforms_at(rate, tat_.load(std::memory_order_relaxed));
  }

  /// What was taken is not used after all. Any thread.
  void give_back(const Rate& rate, unsigned count) {
    tat_.fetch_sub(rate.interval_ * count, std::memory_order_relaxed);
  }

  /// The rate is another one from now on: as many submits stay used, of the new burst at most; none
  /// where there was no rate, or is none. Any thread; what others admit meanwhile counts as of
  /// either rate.
  void change(const Rate& before, const Rate& after, Nanos now) {
    if (before == after) return;
    const std::int64_t at = fixed(now);
    std::int64_t tat = tat_.load(std::memory_order_relaxed);
    std::int64_t next;
    do {
      if (!before.limited() || !after.limited()) {
        next = std::min(tat, at);
        continue;
      }
      const double used = static_cast<double>(std::max<std::int64_t>(tat - at, 0)) /
                          static_cast<double>(before.interval_);
      const double most = static_cast<double>(after.tolerance_ + after.interval_);
      next = at +
             static_cast<std::int64_t>(std::min(used * static_cast<double>(after.interval_), most));
    } while (!tat_.compare_exchange_weak(tat, next, std::memory_order_relaxed));
  }

 private:
  Nanos conforms_at(const Rate& rate, std::int64_t tat) const {
    return epoch_ + (tat - rate.tolerance_) / Rate::scale;
  }
  std::int64_t fixed(Nanos now) const { return (now - epoch_) * Rate::scale; }

  const Nanos epoch_;
  std::atomic<std::int64_t> tat_ = 0;
};

}  // namespace ringgate
