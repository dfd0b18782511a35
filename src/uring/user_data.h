// The 64 bits that travel with every ring operation and come back with its completion.
//
//   63      56 55                  32 31                   0
//  +----------+----------------------+----------------------+
//  |   kind   |      generation      |        index         |
//  +----------+----------------------+----------------------+
//
// An index and a generation instead of a pointer: a completion that outlives its connection is
// recognised, not dereferenced.
#pragma once

#include <cstdint>

namespace ringgate::uring {

/// What a completion belongs to. Plain value.
struct UserData {
  std::uint8_t kind = 0;  ///< which operation; the owner of the ring numbers them
  std::uint32_t generation =
      0;                    ///< 24 bits: how often the slot was reused, modulo generation_count
  std::uint32_t index = 0;  ///< slot of the connection, listener or file

  static constexpr std::uint32_t generation_count = 1U << 24;

  /// Packs the three fields; bits of `generation` above 24 are dropped, so that a plain counter can
  /// be passed.
  constexpr std::uint64_t pack() const {
    return static_cast<std::uint64_t>(kind) << 56 |
           static_cast<std::uint64_t>(generation & (generation_count - 1)) << 32 | index;
  }

  static constexpr UserData unpack(std::uint64_t packed) {
    UserData result;
    result.kind = static_cast<std::uint8_t>(packed >> 56);
    result.generation = static_cast<std::uint32_t>(packed >> 32) & (generation_count - 1);
    result.index = static_cast<std::uint32_t>(packed);
    return result;
  }

  /// Lets the prep_* functions of ring.h take the fields or the packed word alike.
  constexpr operator std::uint64_t() const { return pack(); }

  constexpr bool operator==(const UserData&) const = default;
};

}  // namespace ringgate::uring
