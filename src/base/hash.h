// Hashes of octets, for tables and for recognising what was seen before; none of them keeps
// secrets.
#pragma once

#include <cstdint>
#include <utility>

#include <ringgate/types.h>

namespace ringgate {

/// XXH3, 64 bits.
std::uint64_t hash_64(Octets octets, std::uint64_t seed = 0);
/// XXH3, 128 bits: low and high half.
std::pair<std::uint64_t, std::uint64_t> hash_128(Octets octets);

}  // namespace ringgate
