#include "base/hash.h"

#if defined(__x86_64__)
// The same functions, for the best instructions that this processor has.
#include <xxh_x86dispatch.h>
#else
#include <xxhash.h>
#endif

namespace ringgate {

std::uint64_t hash_64(Octets octets, std::uint64_t seed) {
  return XXH3_64bits_withSeed(octets.data(), octets.size(), seed);
}

std::pair<std::uint64_t, std::uint64_t> hash_128(Octets octets) {
  const XXH128_hash_t hash = XXH3_128bits(octets.data(), octets.size());
  return {hash.low64, hash.high64};
}

}  // namespace ringgate
