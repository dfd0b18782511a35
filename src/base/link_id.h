// Names of connections.
#pragma once

#include <cstdint>

#include <ringgate/types.h>

namespace ringgate {

/// Names one connection for as long as the process lives: a serial number that its shard never
/// gives out again, and the slot in which the shard keeps it. Whoever looks a connection up
/// compares the whole name, so one that has gone is never mistaken for the next in its slot. At a
/// million connections a second the 46 bits of serial last two years. Zero names none: serials
/// start at 1.
struct LinkId {
  std::uint64_t value = 0;

  static constexpr unsigned slot_bits = 18;
  static constexpr std::uint32_t slot_count = 1u << slot_bits;

  static constexpr LinkId make(std::uint32_t slot, std::uint64_t serial) {
    return {(serial << slot_bits) | slot};
  }
  constexpr std::uint32_t slot() const {
    return static_cast<std::uint32_t>(value & (slot_count - 1));
  }
  constexpr std::uint64_t serial() const { return value >> slot_bits; }
  friend constexpr bool operator==(LinkId, LinkId) = default;
};

/// A connection's name as programs know it: the shard above the serial number that the link's name
/// has there. None for no link.
inline constexpr unsigned session_shard_shift = 56;
static_assert(64 - LinkId::slot_bits <= session_shard_shift);

constexpr SessionId make_session_id(unsigned shard, LinkId link) {
  if (link == LinkId{}) return {};
  return {std::uint64_t{shard} << session_shard_shift | link.serial()};
}
constexpr unsigned shard_of(SessionId session) {
  return static_cast<unsigned>(session.value >> session_shard_shift);
}
constexpr std::uint64_t serial_of(SessionId session) {
  return session.value & ((std::uint64_t{1} << session_shard_shift) - 1);
}

/// A connection anywhere on this node.
struct BindRef {
  LinkId link;
  std::uint16_t shard = 0;
  friend constexpr bool operator==(BindRef, BindRef) = default;
};

}  // namespace ringgate
