// The few words every public header shares.
#pragma once

#include <cstdint>
#include <limits>
#include <span>

#include <ringgate/api.h>

namespace ringgate {
inline namespace RINGGATE_ABI {

/// Borrowed octets. Whoever hands them over says how long they live; the usual answer is "until the
/// call returns".
using Octets = std::span<const std::uint8_t>;

/// Nanoseconds of the monotonic clock. Only differences and comparisons mean anything.
using Nanos = std::int64_t;

/// A deadline that does not come.
inline constexpr Nanos never = std::numeric_limits<Nanos>::max();

/// The two clocks, read together once per turn of a shard.
struct Now {
  Nanos mono = 0;           ///< monotonic, for every timer
  std::int64_t wall_s = 0;  ///< seconds since 1970 UTC, for dates that people and peers read
};

/// Names one session for ever: no other one of this process has the same, and none is 0.
struct SessionId {
  std::uint64_t value = 0;
  friend bool operator==(SessionId, SessionId) = default;
};

/// What became of something that the program has said.
enum class Posted : std::uint8_t {
  ok,      ///< on the shard's own thread: done; elsewhere: on its way
  full,    ///< too much is on its way to that shard: not taken; `on_room` says when to try again
  gone,    ///< what it speaks of, or the server, is no more
  misuse,  ///< nobody waits for this: said already, never asked, or a name that was made up
};

}  // namespace RINGGATE_ABI
}  // namespace ringgate
