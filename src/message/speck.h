// Speck48/96: a block cipher for 48 bits with a key of 96 (Beaulieu and others, "The SIMON and
// SPECK Families of Lightweight Block Ciphers", 2013, §4). Additions, rotations and exclusive ors
// of 24-bit words, which a vector unit does for many blocks at once.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace ringgate {

class Speck48 {
 public:
  /// The four words of the key, k0 first, each with its low octet first.
  using Key = std::array<std::uint8_t, 12>;

  static constexpr unsigned rounds = 23;
  static constexpr std::size_t run_size = 64;
  using Run = std::array<std::uint64_t, run_size>;

  explicit Speck48(const Key& key);

  /// A block is its left word above its right one.
  std::uint64_t encrypt(std::uint64_t block) const;
  std::uint64_t decrypt(std::uint64_t block) const;
  /// encrypt() of `first` and those that follow it, each with `prefix` above it: 5 ns for each
  /// (bench/micro/message_bench.cc), 9 without AVX2, where one alone takes 50.
  void encrypt_run(std::uint64_t first, std::uint64_t prefix, Run& out) const;

 private:
  std::array<std::uint32_t, rounds> round_keys_;
};

}  // namespace ringgate
