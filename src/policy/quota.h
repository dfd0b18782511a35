// Submits per calendar period of one account, over all its binds and shards.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include <ringgate/types.h>

namespace ringgate {

/// The periods that have a quota, by index: from one full minute to the next, and from one midnight
/// (UTC) to the next.
inline constexpr std::array<std::int64_t, 2> quota_period_s{60, 86'400};

/// What has been used of a quota: the number of its period, and how much in that. One number, so
/// that shards need no lock. Any thread.
class QuotaUse {
 public:
  struct Value {
    std::uint32_t period = 0;  ///< counted from 1970
    std::uint32_t used = 0;
    friend bool operator==(const Value&, const Value&) = default;
  };

  /// Takes `count` if no more than `most` are used then. `now_s` is the wall clock's.
  bool take(std::uint32_t most, std::int64_t length_s, std::int64_t now_s, std::uint32_t count) {
    Packed before = state_.load(std::memory_order_relaxed);
    Packed after;
    do {
      const Value value = at(unpack(before), length_s, now_s);
      if (value.used > most || count > most - value.used) return false;
      after = pack({value.period, value.used + count});
      // Relaxed: the number guards nothing but itself, and the exchange keeps it exact.
    } while (!state_.compare_exchange_weak(before, after, std::memory_order_relaxed));
    return true;
  }

  /// What was taken at that time is not used after all.
  void give_back(std::int64_t length_s, std::int64_t now_s, std::uint32_t count) {
    Packed before = state_.load(std::memory_order_relaxed);
    Packed after;
    do {
      const Value value = unpack(before);
      if (value != at(value, length_s, now_s) || value.used < count) return;
      after = pack({value.period, value.used - count});
    } while (!state_.compare_exchange_weak(before, after, std::memory_order_relaxed));
  }

  Value get() const { return unpack(state_.load(std::memory_order_relaxed)); }
  void set(Value value) { state_.store(pack(value), std::memory_order_relaxed); }

 private:
  using Packed = std::uint64_t;

  static Packed pack(Value value) { return Packed{value.period} << 32 | value.used; }
  static Value unpack(Packed packed) {
    return {static_cast<std::uint32_t>(packed >> 32), static_cast<std::uint32_t>(packed)};
  }
  /// A clock that steps back over the end of a period does not begin the old one again; one that
  /// steps back further was wrong before.
  static Value at(Value value, std::int64_t length_s, std::int64_t now_s) {
    const auto period = static_cast<std::uint32_t>(now_s / length_s);
    const bool holds = value.period == period || value.period == period + 1;
    return holds ? value : Value{period, 0};
  }

  std::atomic<Packed> state_ = 0;
};

}  // namespace ringgate
