// Pseudo-random numbers for simulation, jitter and tests. Not for secrets.
#pragma once

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>

#include "base/assert.h"

namespace ringgate {

/// xoshiro256** (Blackman and Vigna), seeded with splitmix64. The same seed gives the same numbers
/// with every compiler, which the distributions of <random> do not promise, and without which a
/// failing seed could not be replayed. One thread; copies diverge from the same point.
class Prng {
 public:
  /// Any seed will do, including 0: splitmix64 never yields the all-zero state that xoshiro cannot
  /// leave.
  explicit Prng(std::uint64_t seed) {
    for (std::uint64_t& word : state_) {
      seed += 0x9e37'79b9'7f4a'7c15U;
      std::uint64_t mixed = seed;
      mixed = (mixed ^ (mixed >> 30)) * 0xbf58'476d'1ce4'e5b9U;
      mixed = (mixed ^ (mixed >> 27)) * 0x94d0'49bb'1331'11ebU;
      word = mixed ^ (mixed >> 31);
    }
  }

  /// 64 uniform bits.
  std::uint64_t next() {
    const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
    const std::uint64_t shifted = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = std::rotl(state_[3], 45);
    return result;
  }

  /// Uniform in [0, n), n > 0, without bias: Lemire's multiplication, drawing again for the few
  /// products that would favour some.
  std::uint64_t below(std::uint64_t n) {
    ASSERT(n > 0);
    Wide product = Wide{next()} * n;
    if (static_cast<std::uint64_t>(product) < n) {
      const std::uint64_t surplus = (0 - n) % n;
      while (static_cast<std::uint64_t>(product) < surplus) product = Wide{next()} * n;
    }
    return static_cast<std::uint64_t>(product >> 64);
  }

  /// Uniform in [0, 1), a multiple of 2^-53.
  double unit() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }

  /// True with probability p; p <= 0 is never and p >= 1 always.
  bool chance(double p) { return unit() < p; }

  /// Exponentially distributed around `mean`: the gaps between arrivals that do not know of each
  /// other.
  double exponential(double mean) { return -mean * std::log1p(-unit()); }

 private:
  __extension__ using Wide = unsigned __int128;

  std::array<std::uint64_t, 4> state_;
};

}  // namespace ringgate
