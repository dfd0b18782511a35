// What the simulator keeps for one shard.
#pragma once

#include "backend/sim/account_numbers.h"
#include "backend/sim/broadcasts.h"
#include "backend/sim/cancels.h"
#include "backend/sim/history.h"
#include "backend/sim/simulator.h"
#include "backend/sim/waiting.h"

namespace ringgate {

/// Of a message whose validity ends first: 27 is GSM 09.02's absent subscriber.
inline constexpr Outcome expired_outcome{MessageState::expired, 27};
inline constexpr Outcome deleted_outcome{MessageState::deleted, 0};

/// A wall-clock second on the monotonic clock.
inline Nanos mono_of(std::int64_t wall_s, Now now) {
  return now.mono + seconds(wall_s - now.wall_s);
}

struct alignas(128) Simulator::PerShard {
  PerShard(std::uint64_t seed, std::uint32_t history_size, std::uint32_t pending_max, Now now)
      : prng(seed), waiting(pending_max, key_of(seed, now), now), history(history_size) {}

  /// The seed is in the configuration and has a default; the clock is not and has none.
  static std::uint64_t key_of(std::uint64_t seed, Now now) {
    const auto mono = static_cast<std::uint64_t>(now.mono);
    return Prng(seed ^ std::rotl(mono, 32) ^ static_cast<std::uint64_t>(now.wall_s)).next();
  }

  Prng prng;
  AccountNumbers accounts;
  Waiting waiting;
  History history;
  Broadcasts broadcasts;
  Cancels cancels;
  Nanos next_cancel = never;
  Nanos next_mo = never;
};

/// A message that an operation names. A waiting one is in memory only once: `message` is its part
/// of `pending` then.
struct Simulator::Found {
  RememberedMessage* message = nullptr;  ///< null: there is none
  Pending* pending = nullptr;
};

}  // namespace ringgate
