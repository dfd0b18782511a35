// Message ids: who owns a message, readable from its id.
//
//   node (8 bits) | shard (8 bits) | sequence (48 bits), permuted (id_codec.h)
//
// The sequence of a shard begins at the wall clock's microseconds, so ids stay unique over restarts
// as long as the clock does not step back by more than the node was down and the shard averages
// below a million messages a second. With a journal it begins well behind whatever that shows as
// well, wherever the clock stands.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

#include <ringgate/message.h>
#include <ringgate/options.h>

#include "base/hex.h"

namespace ringgate {

inline constexpr std::uint64_t message_sequence_mask = (std::uint64_t{1} << 48) - 1;

/// More ids than a shard can have given out that a crash has kept from its journal.
inline constexpr std::int64_t unsafe_ids_max = std::int64_t{1} << 24;

/// Where a shard's sequence begins: at the clock, or behind `known`, the next sequence as an
/// earlier run's ids show it (48 bits; 0 = nothing known), and unsafe_ids_max more, whichever is
/// later. The full sequence is found as the one nearest to the clock.
constexpr std::int64_t first_sequence(std::int64_t wall_us, std::uint64_t known) {
  if (known == 0) return wall_us;
  constexpr auto lap = static_cast<std::int64_t>(message_sequence_mask + 1);
  const std::int64_t within = wall_us & static_cast<std::int64_t>(message_sequence_mask);
  std::int64_t ahead = static_cast<std::int64_t>(known) - within;
  if (ahead > lap / 2) ahead -= lap;
  if (ahead < -lap / 2) ahead += lap;
  ahead += unsafe_ids_max;
  return ahead > 0 ? wall_us + ahead : wall_us;
}

/// An id, and the number behind it.
struct NumberedId {
  MessageId id;
  std::uint64_t sequence = 0;
};

inline constexpr unsigned short_sequence_bits = 26;
inline constexpr std::uint32_t short_sequence_mask = (1u << short_sequence_bits) - 1;

/// Shards whose number a short id has room for. There are no more: of two whose numbers look alike
/// nobody could tell who knows a message.
inline constexpr unsigned short_shards_max = 1u << (32 - short_sequence_bits);

/// What a peer below 3.4 can know of an id: it is given eight hexadecimal digits, because its
/// message_id field is c9 (3.3). Shard (6 bits) and the low 26 bits of the sequence, so a shard
/// repeats a short id after 67 million messages.
constexpr std::uint32_t short_key(MessageId id, std::uint64_t sequence) {
  const auto shard = static_cast<std::uint32_t>((id.value >> 48) & 0x3F);
  return (shard << short_sequence_bits) |
         (static_cast<std::uint32_t>(sequence) & short_sequence_mask);
}

inline constexpr std::size_t message_id_text_max = 36;

class MessageIdCodec;

/// How a client sees ids: eight hexadecimal digits below 3.4, else in its account's format. The
/// codec makes the short form; without one it is the low bits of the id.
struct IdStyle {
  std::uint8_t interface_version = 0x34;
  IdFormat format = IdFormat::hex;
  const MessageIdCodec* codec = nullptr;
};

std::size_t write_message_id_rarely(MessageId id, IdStyle style, char* to);

/// Writes the id as that client sees it; returns the number of characters, at most
/// message_id_text_max.
template <class Octet>
inline std::size_t write_message_id(MessageId id, IdStyle style, Octet* to) {
  if (style.interface_version < 0x34 || style.format != IdFormat::hex) [[unlikely]]
    return write_message_id_rarely(id, style, reinterpret_cast<char*>(to));
  write_hex(id.value, to);
  return 16;
}

/// An id as a client wrote it back. `is_short` marks the eight digits of a peer below 3.4, a short
/// form.
struct WrittenId {
  MessageId id;
  bool is_short = false;
};

/// Reads what write_message_id wrote for that style, in either case of letters; empty for anything
/// else.
std::optional<WrittenId> read_message_id(std::string_view text, IdStyle style);

constexpr unsigned shard_of(WrittenId written) {
  return static_cast<unsigned>(written.is_short ? written.id.value >> short_sequence_bits
                                                : written.id.value >> 48 & 0xFF);
}

}  // namespace ringgate
