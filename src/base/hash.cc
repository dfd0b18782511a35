#include "base/hash.h"

#include "base/assert.h"

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

std::pair<std::uint64_t, std::uint64_t> hash_128(Octets octets, Octets secret) {
  static_assert(hash_secret_size >= XXH3_SECRET_SIZE_MIN);
  ASSERT(secret.size() == hash_secret_size);
  const XXH128_hash_t hash =
      XXH3_128bits_withSecret(octets.data(), octets.size(), secret.data(), secret.size());
  return {hash.low64, hash.high64};
}

}  // namespace ringgate
