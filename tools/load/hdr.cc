#include "load/hdr.h"

#include <zlib.h>

#include <bit>
#include <cstdint>

#include "base/assert.h"

namespace ringgate::load {

namespace {

// Both with the word size of version 2, which is variable, in bits 4-7.
constexpr std::uint32_t cookie = 0x1c849303 | 0x10;
constexpr std::uint32_t cookie_compressed = 0x1c849304 | 0x10;

void put_be(std::uint64_t value, unsigned octets, std::string& to) {
  for (unsigned i = octets; i-- != 0;) to.push_back(static_cast<char>(value >> (8 * i)));
}

/// A ZigZag LEB128 number of at most nine octets, of which the last has eight bits.
void put_leb128(std::int64_t value, std::string& to) {
  auto left = static_cast<std::uint64_t>(value) << 1 ^ static_cast<std::uint64_t>(value >> 63);
  for (unsigned octets = 1; left > 0x7F && octets < 9; ++octets) {
    to.push_back(static_cast<char>(left | 0x80));
    left >>= 7;
  }
  to.push_back(static_cast<char>(left));
}

/// A count, or less than none: so many buckets without one.
std::string counts_of(const Histogram& histogram) {
  std::string out;
  std::int64_t empty = 0;
  for (const std::uint64_t count : histogram.counts_from_zero()) {
    if (count == 0) {
      ++empty;
      continue;
    }
    if (empty != 0) put_leb128(-empty, out);
    empty = 0;
    put_leb128(static_cast<std::int64_t>(count), out);
  }
  return out;
}

std::string compressed(const std::string& text) {
  std::string out(compressBound(text.size()), '\0');
  uLongf size = out.size();
  const int result = compress(reinterpret_cast<Bytef*>(out.data()), &size,
                              reinterpret_cast<const Bytef*>(text.data()), text.size());
  ASSERT(result == Z_OK);
  out.resize(size);
  return out;
}

std::string base64(const std::string& octets) {
  constexpr char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t at = 0; at < octets.size(); at += 3) {
    std::uint32_t three = 0;
    for (std::size_t i = at; i < at + 3; ++i)
      three = three << 8 | (i < octets.size() ? static_cast<std::uint8_t>(octets[i]) : 0u);
    for (unsigned i = 0; i < 4; ++i)
      out.push_back(at + i > octets.size() ? '=' : digits[three >> (18 - 6 * i) & 63]);
  }
  return out;
}

}  // namespace

std::string hdr_text(const Histogram& histogram) {
  constexpr std::uint32_t significant_digits = 3;
  const std::string counts = counts_of(histogram);
  std::string text;
  put_be(cookie, 4, text);
  put_be(counts.size(), 4, text);
  put_be(0, 4, text);  // index offset
  put_be(significant_digits, 4, text);
  put_be(1, 8, text);
  put_be(Histogram::highest, 8, text);
  put_be(std::bit_cast<std::uint64_t>(1.0), 8, text);  // to real values
  text += counts;
  const std::string packed = compressed(text);
  std::string out;
  put_be(cookie_compressed, 4, out);
  put_be(packed.size(), 4, out);
  return base64(out + packed);
}

}  // namespace ringgate::load
