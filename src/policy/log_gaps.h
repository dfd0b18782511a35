// Lines of the log that strangers can cause as often as they like: a few at once, then one in a
// while for each that causes them.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "base/hash.h"
#include "base/units.h"

namespace ringgate {

/// Remembers the last few hundred keys; of two that share a place the later one is taken for new.
/// Pure; one thread.
class LogGaps {
 public:
  static constexpr Nanos gap = seconds(1);
  static constexpr std::size_t places = 512;

  /// `seed` so that nobody can choose who shares his place. `burst` lines of a key pass at once; a
  /// gap without any earns one of them back.
  /// `every`: the gap, where it is another one.
  explicit LogGaps(std::uint64_t seed, unsigned burst = 1, Nanos every = gap)
      : hash_{seed}, gap_(every), ahead_max_{(burst - 1) * every} {}

  /// How many lines of that key were held back since its last one; empty: this one is held back.
  std::optional<std::uint64_t> admit(std::string_view key, Nanos now) {
    const std::uint64_t name = hash_(key);
    Place& place = places_[name % places];
    if (place.name != name) place = {name, now, 0};
    if (place.next > now + ahead_max_) {
      ++place.held_back;
      return std::nullopt;
    }
    place.next = std::max(place.next, now) + gap_;
    return std::exchange(place.held_back, 0);
  }

 private:
  struct Place {
    std::uint64_t name = 0;
    Nanos next = 0;  ///< when one more is due; a burst runs ahead of it
    std::uint64_t held_back = 0;
  };
  const SeededHash hash_;
  const Nanos gap_;
  const Nanos ahead_max_;
  std::array<Place, places> places_{};
};

}  // namespace ringgate
