// Whose the ids are that a shard has given out: what is not open here any more may still be known
// to the backend, and only its account may ask.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <optional>

#include "base/assert.h"
#include "base/zeroed_array.h"

namespace ringgate {

/// The accounts of the last ids. An entry is 8 octets at the place that the low bits of its
/// sequence name, so a message costs one store into a line that it shares with its neighbours in
/// time; the high bits are in the entry, so that an id of an earlier lap is not taken for a later
/// one. Memory is touched as it is used. One thread.
class Owners {
 public:
  static constexpr std::uint32_t size_min = 65'536;

  /// `size` is rounded up to a power of two, and to size_min.
  explicit Owners(std::uint32_t size)
      : bits_(static_cast<unsigned>(std::countr_zero(std::bit_ceil(std::max(size, size_min))))),
        entries_(std::size_t{1} << bits_) {}

  void note(std::uint64_t sequence, std::uint32_t account) {
    entries_[place_of(sequence)] = {account + 1, static_cast<std::uint32_t>(sequence >> bits_)};
  }
  /// The index of the account that a sequence was given out to; empty: to nobody, or too long ago.
  std::optional<std::uint32_t> account_of(std::uint64_t sequence) const {
    const Entry entry = entries_[place_of(sequence)];
    if (entry.account == 0 || entry.high != sequence >> bits_) return std::nullopt;
    return entry.account - 1;
  }

 private:
  struct Entry {
    std::uint32_t account;  // index + 1, so that zeroed memory is nobody's
    std::uint32_t high;
  };
  static_assert(sizeof(Entry) == 8);
  static_assert(size_min >= std::uint64_t{1} << (48 - 32), "the high bits fit");

  std::size_t place_of(std::uint64_t sequence) const { return sequence & (entries_.size() - 1); }

  const unsigned bits_;
  ZeroedArray<Entry> entries_;
};

}  // namespace ringgate
