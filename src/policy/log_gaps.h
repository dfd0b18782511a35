// Lines of the log that strangers can cause as often as they like: one in a while for each that
// causes them.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/hash.h"
#include "base/units.h"

namespace ringgate {

/// Remembers the last few hundred keys; of two that share a place the later one is taken for new.
/// Pure; one thread.
class LogGaps {
 public:
  static constexpr Nanos gap = seconds(1);
  static constexpr std::size_t places = 512;

  /// `seed` so that nobody can choose who shares his place.
  explicit LogGaps(std::uint64_t seed) : hash_{seed} {}

  /// How many lines of that key were held back since its last one; empty: this one is held back.
  std::optional<std::uint64_t> admit(std::string_view key, Nanos now) {
    const std::uint64_t name = hash_(key);
    Place& place = places_[name % places];
    if (place.name == name && now < place.next) {
      ++place.held_back;
      return std::nullopt;
    }
    const std::uint64_t held_back = place.name == name ? place.held_back : 0;
    place = {name, now + gap, 0};
    return held_back;
  }

 private:
  struct Place {
    std::uint64_t name = 0;
    Nanos next = 0;
    std::uint64_t held_back = 0;
  };
  const SeededHash hash_;
  std::array<Place, places> places_{};
};

}  // namespace ringgate
