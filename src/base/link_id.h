// Names of connections.
#pragma once

#include <cstdint>

namespace ringgate {

/// Names one connection for ever: slot and generation on its shard. Zero names none, because
/// generations start at 1.
struct LinkId {
  std::uint32_t value = 0;

  static constexpr unsigned slot_bits = 18;
  static constexpr std::uint32_t slot_count = 1u << slot_bits;
  static constexpr std::uint32_t generation_max = (1u << (32 - slot_bits)) - 1;

  static constexpr LinkId make(std::uint32_t slot, std::uint32_t generation) {
    return {(generation << slot_bits) | slot};
  }
  constexpr std::uint32_t slot() const { return value & (slot_count - 1); }
  constexpr std::uint32_t generation() const { return value >> slot_bits; }
  friend constexpr bool operator==(LinkId, LinkId) = default;
};

/// A connection anywhere on this node.
struct BindRef {
  LinkId link;
  std::uint16_t shard = 0;
  friend constexpr bool operator==(BindRef, BindRef) = default;
};

}  // namespace ringgate
