// How much memory a shard may hold, as sums with one term per holder. The pools reserve address
// space at start and touch it only when used.
#pragma once

#include <cstdint>

namespace ringgate {

struct ShardBudget {
  std::uint32_t connections = 0;  ///< slots: those that may be open, and those that are closing
  std::uint32_t places = 0;       ///< connections that may be open
  std::uint32_t messages = 0;
  std::uint32_t tx_chunks = 0;
  std::uint32_t tx_small = 0;
  std::uint32_t held_chunks = 0;
  std::uint32_t carry_chunks = 0;

  static constexpr std::uint32_t tx_chunk_size = 64 * 1024;
  static constexpr std::uint32_t held_chunk_size = 16 * 1024;
  static constexpr std::uint32_t carry_chunk_size = 1024;
};

/// Octets waiting for a peer that does not read, above which its own input is left alone.
inline constexpr std::uint64_t tx_backlog_max = 256 * 1024;
/// ... of a peer that has not bound: so little that its answers fit a small piece.
inline constexpr std::uint64_t unbound_backlog_max = 128;
/// Octets received but not processed (pacing, full window) above which the socket is no longer
/// read.
inline constexpr std::uint64_t held_backlog_max = 64 * 1024;
/// ... of a connection that has had its share of the turn and sends on.
inline constexpr std::uint64_t heavy_backlog_max = 16 * 1024;
/// Memory of octets in and out, above which a connection is left alone while little is left for
/// the others.
inline constexpr std::uint64_t pressed_queue_max = 32 * 1024;

ShardBudget make_budget(std::uint32_t connections_max, std::uint32_t shard_count,
                        std::uint32_t messages_max);

}  // namespace ringgate
