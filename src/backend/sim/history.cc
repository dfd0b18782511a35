#include "backend/sim/history.h"

namespace ringgate {

std::uint32_t short_hash_of_any(std::string_view text, std::uint32_t seed) {
  std::uint64_t hash = seed + text.size();
  for (const char c : text)
    hash = std::rotl((hash ^ static_cast<unsigned char>(c)) * hash_factor, 29);
  return static_cast<std::uint32_t>(hash >> 32);
}

}  // namespace ringgate
