// The 64 bits that travel with every ring operation and come back with its completion.
//
//   63      56 55                  32 31                   0
//  +----------+----------------------+----------------------+
//  |   kind   |      generation      |        index         |
//  +----------+----------------------+----------------------+
//
// An index instead of a pointer. The owner keeps what an index names until the last completion of
// it has come; the generation only lets it assert that. Nothing may rely on it, because it repeats:
// the sanitizer builds have two bits of it, so that whatever relies on it all the same fails there.
#pragma once

#include <cstdint>

namespace ringgate::uring {

/// What a completion belongs to. Plain value.
struct UserData {
  std::uint8_t kind = 0;  ///< which operation; the owner of the ring numbers them
  std::uint32_t generation =
      0;  ///< how often the slot was reused, modulo generation_count; for assertions only
  std::uint32_t index = 0;  ///< slot of the connection, listener or file

#ifdef RINGGATE_SHORT_GENERATIONS
  static constexpr std::uint32_t generation_count = 1U << 2;
#else
  static constexpr std::uint32_t generation_count = 1U << 24;
#endif

  /// Packs the three fields; `generation` is taken modulo generation_count, so that a plain counter
  /// can be passed.
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
