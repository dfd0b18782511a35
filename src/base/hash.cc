#include "base/hash.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace ringgate {

std::uint64_t hash_64(Octets octets, std::uint64_t seed) {
  return XXH3_64bits_withSeed(octets.data(), octets.size(), seed);
}

std::pair<std::uint64_t, std::uint64_t> hash_128(Octets octets) {
  const XXH128_hash_t hash = XXH3_128bits(octets.data(), octets.size());
  return {hash.low64, hash.high64};
}

}  // namespace ringgate
