// Octets as lower-case hexadecimal digits, and back.
#pragma once

#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include <ringgate/types.h>

namespace ringgate {

inline constexpr char hex_digits[] = "0123456789abcdef";

inline void append_hex(std::uint8_t octet, std::string& to) {
  to.push_back(hex_digits[octet >> 4]);
  to.push_back(hex_digits[octet & 15]);
}

inline std::string to_hex(Octets octets) {
  std::string out;
  out.reserve(octets.size() * 2);
  for (const std::uint8_t octet : octets) append_hex(octet, out);
  return out;
}

/// Of a digit, upper or lower case; empty for any other character.
constexpr std::optional<std::uint8_t> hex_value(char c) {
  if (c >= '0' && c <= '9') return static_cast<std::uint8_t>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<std::uint8_t>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<std::uint8_t>(c - 'A' + 10);
  return std::nullopt;
}

/// The sixteen digits of `value`, all at once: 13 instructions where eight at a time take 60.
template <class Octet>
inline void write_hex(std::uint64_t value, Octet* to) {
  using Octets16 = signed char __attribute__((vector_size(16)));
  using Words = std::uint64_t __attribute__((vector_size(16)));
  const std::uint64_t first_octet_lowest = __builtin_bswap64(value);
  const Words high{first_octet_lowest >> 4, 0};
  const Words low{first_octet_lowest, 0};
  const Octets16 nibbles =
      __builtin_shufflevector(reinterpret_cast<Octets16>(high), reinterpret_cast<Octets16>(low), 0,
                              16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23) &
      15;
  constexpr signed char letter = 'a' - '0' - 10;  // what one has more than a digit
  const Octets16 digits = nibbles + '0' + ((nibbles > 9) & letter);
  std::memcpy(to, &digits, sizeof digits);
}

}  // namespace ringgate
