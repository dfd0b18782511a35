// Hashes of octets, for tables and for recognising what was seen before; none of them keeps
// secrets.
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>

#include <ringgate/types.h>

namespace ringgate {

/// XXH3, 64 bits.
std::uint64_t hash_64(Octets octets, std::uint64_t seed = 0);
/// XXH3, 128 bits: low and high half.
std::pair<std::uint64_t, std::uint64_t> hash_128(Octets octets);

inline constexpr std::size_t hash_secret_size = 192;
/// XXH3, 128 bits, from `hash_secret_size` random octets instead of its own: who does not know them
/// can neither tell the hash of anything nor look for two things that share one.
std::pair<std::uint64_t, std::uint64_t> hash_128(Octets octets, Octets secret);

/// For tables whose keys strangers choose: without the seed nobody can fill one bucket.
struct SeededHash {
  using is_transparent = void;  // std::string keys are found by std::string_view
  std::uint64_t seed = 0;
  std::size_t operator()(std::string_view text) const {
    return hash_64({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}, seed);
  }
};

}  // namespace ringgate
