// What of a run is one thread's.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "load/options.h"

namespace ringgate::load {

/// The binds whose number leaves `index` when divided by `count`; messages in proportion to these.
struct Share {
  unsigned index = 0;
  unsigned count = 1;
};

/// Connections of a bind.
inline std::size_t kinds_of(const Options& options) {
  return options.idle_binds == 0 && options.mode == Mode::tx_rx ? 2 : 1;
}

/// Binds, or pairs of a transmitter and a receiver.
inline std::uint64_t pair_count(const Options& options) {
  return options.idle_binds != 0 ? options.idle_binds : options.accounts.size() * options.binds;
}

/// Of `all`, those that are this thread's.
inline std::uint64_t part_of(std::uint64_t all, const Share& share) {
  return all / share.count + (share.index < all % share.count ? 1 : 0);
}

/// Of `all`, those of the threads before this one.
inline std::uint64_t before(std::uint64_t all, const Share& share) {
  return all / share.count * share.index + std::min<std::uint64_t>(share.index, all % share.count);
}

inline std::size_t connection_count(const Options& options, const Share& share) {
  return part_of(pair_count(options), share) * kinds_of(options);
}

/// Messages that this thread submits: each of all pairs as many as any other.
inline std::uint64_t count_of(const Options& options, const Share& share) {
  if (options.idle_binds != 0) return 0;
  if (options.count == 0) return ~std::uint64_t{0};
  const std::uint64_t pairs = pair_count(options), mine = part_of(pairs, share);
  const std::uint64_t first = before(pairs, share), rest = options.count % pairs;
  return options.count / pairs * mine + std::clamp(rest, first, first + mine) - first;
}

}  // namespace ringgate::load
