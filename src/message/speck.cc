#include "message/speck.h"

namespace ringgate {
namespace {

constexpr unsigned word_bits = 24;
constexpr std::uint32_t word_mask = (1u << word_bits) - 1;

constexpr std::uint32_t left(std::uint64_t block) {
  return static_cast<std::uint32_t>(block >> word_bits) & word_mask;
}
constexpr std::uint32_t right(std::uint64_t block) {
  return static_cast<std::uint32_t>(block) & word_mask;
}
constexpr std::uint64_t block_of(std::uint32_t x, std::uint32_t y) {
  return std::uint64_t{x} << word_bits | y;
}

/// What a rotation pushes above the word is cut off at the end: sums carry upwards only.
[[gnu::always_inline]] inline void encrypt_round(std::uint32_t& x, std::uint32_t& y,
                                                 std::uint32_t key) {
  x = (((x >> 8 | x << 16) + y) ^ key) & word_mask;
  y = ((y << 3 | y >> 21) ^ x) & word_mask;
}

using Words = std::uint32_t[Speck48::run_size];
using RoundKeys = std::array<std::uint32_t, Speck48::rounds>;

/// Round by round over all of them, not block by block: the blocks do not wait for each other, so
/// this is what the compiler turns into vectors.
[[gnu::always_inline]] inline void encrypt_words(Words& x, Words& y, const RoundKeys& keys) {
  for (const std::uint32_t key : keys)
    for (std::size_t i = 0; i < Speck48::run_size; ++i) encrypt_round(x[i], y[i], key);
}

#if defined(__x86_64__)
/// Twice as many words in a vector, where the processor has that.
[[gnu::target("avx2")]] void encrypt_words_avx2(Words& x, Words& y, const RoundKeys& keys) {
  encrypt_words(x, y, keys);
}
#endif

void encrypt_words_anywhere(Words& x, Words& y, const RoundKeys& keys) {
#if defined(__x86_64__)
  static const bool has_avx2 = __builtin_cpu_supports("avx2") != 0;
  if (has_avx2) return encrypt_words_avx2(x, y, keys);
#endif
  encrypt_words(x, y, keys);
}

inline void decrypt_round(std::uint32_t& x, std::uint32_t& y, std::uint32_t key) {
  y ^= x;
  y = (y >> 3 | y << 21) & word_mask;
  x = ((x ^ key) - y) & word_mask;
  x = (x << 8 | x >> 16) & word_mask;
}

}  // namespace

Speck48::Speck48(const Key& key) {
  const auto word = [&key](std::size_t i) {
    return std::uint32_t{key[3 * i]} | std::uint32_t{key[3 * i + 1]} << 8 |
           std::uint32_t{key[3 * i + 2]} << 16;
  };
  std::uint32_t k = word(0);
  std::uint32_t l[3] = {word(1), word(2), word(3)};
  for (std::uint32_t i = 0; i < rounds; ++i) {
    round_keys_[i] = k;
    // The schedule is the round itself, keyed by its number.
    encrypt_round(l[i % 3], k, i);
  }
}

std::uint64_t Speck48::encrypt(std::uint64_t block) const {
  std::uint32_t x = left(block), y = right(block);
  for (const std::uint32_t key : round_keys_) encrypt_round(x, y, key);
  return block_of(x, y);
}

std::uint64_t Speck48::decrypt(std::uint64_t block) const {
  std::uint32_t x = left(block), y = right(block);
  for (unsigned i = rounds; i-- > 0;) decrypt_round(x, y, round_keys_[i]);
  return block_of(x, y);
}

void Speck48::encrypt_run(std::uint64_t first, std::uint64_t prefix, Run& out) const {
  Words x, y;
  for (std::size_t i = 0; i < run_size; ++i) {
    x[i] = left(first + i);
    y[i] = right(first + i);
  }
  encrypt_words_anywhere(x, y, round_keys_);
  for (std::size_t i = 0; i < run_size; ++i) out[i] = prefix | block_of(x[i], y[i]);
}

}  // namespace ringgate
