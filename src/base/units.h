// Time units in nanoseconds, and big-endian integers in memory.
#pragma once

#include <ringgate/types.h>

#include <bit>
#include <cstdint>
#include <cstring>

namespace ringgate {

constexpr Nanos microseconds(std::int64_t count) { return count * 1'000; }
constexpr Nanos milliseconds(std::int64_t count) { return count * 1'000'000; }
constexpr Nanos seconds(std::int64_t count) { return count * 1'000'000'000; }

// Every machine io_uring serves in practice is little-endian, and the swaps below rely on it.
static_assert(std::endian::native == std::endian::little);

// The loads and stores need no alignment. They are always inlined, because a framer or a decoder
// that calls them out of line costs more than the fields it reads.

[[gnu::always_inline]] inline std::uint16_t load_be16(const std::uint8_t* from) {
  std::uint16_t value;
  std::memcpy(&value, from, sizeof value);
  return __builtin_bswap16(value);
}

[[gnu::always_inline]] inline std::uint32_t load_be32(const std::uint8_t* from) {
  std::uint32_t value;
  std::memcpy(&value, from, sizeof value);
  return __builtin_bswap32(value);
}

[[gnu::always_inline]] inline std::uint64_t load_be64(const std::uint8_t* from) {
  std::uint64_t value;
  std::memcpy(&value, from, sizeof value);
  return __builtin_bswap64(value);
}

[[gnu::always_inline]] inline void store_be16(std::uint8_t* to, std::uint16_t value) {
  value = __builtin_bswap16(value);
  std::memcpy(to, &value, sizeof value);
}

[[gnu::always_inline]] inline void store_be32(std::uint8_t* to, std::uint32_t value) {
  value = __builtin_bswap32(value);
  std::memcpy(to, &value, sizeof value);
}

[[gnu::always_inline]] inline void store_be64(std::uint8_t* to, std::uint64_t value) {
  value = __builtin_bswap64(value);
  std::memcpy(to, &value, sizeof value);
}

}  // namespace ringgate
