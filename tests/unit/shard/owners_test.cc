#include "shard/owners.h"

#include <gtest/gtest.h>

namespace ringgate {
namespace {

constexpr std::uint64_t lap = Owners::size_min;

// Aim: the account of each of the last ids is known, and of nothing else: not of ids that were
// never given out, nor of those whose place a later one has. Method: account 0 and others, around
// the first lap and at the end of the 48 bits.
TEST(Owners, TheLast) {
  for (const std::uint64_t first :
       {std::uint64_t{0}, std::uint64_t{1} << 47, (std::uint64_t{1} << 48) - 2 * lap}) {
    Owners owners(10);
    EXPECT_FALSE(owners.account_of(first).has_value());
    for (std::uint64_t i = 0; i < lap; ++i)
      owners.note(first + i, static_cast<std::uint32_t>(i % 3));
    for (const std::uint64_t i : {std::uint64_t{0}, std::uint64_t{1}, lap / 2, lap - 1})
      EXPECT_EQ(owners.account_of(first + i), i % 3) << first << " " << i;
    EXPECT_FALSE(owners.account_of(first + lap).has_value());
    EXPECT_FALSE(owners.account_of(first + (lap << 8)).has_value());
    owners.note(first + lap, 9);
    EXPECT_EQ(owners.account_of(first + lap), 9U);
    EXPECT_FALSE(owners.account_of(first).has_value());
    EXPECT_EQ(owners.account_of(first + 1), 1U);
  }
}

// Aim: the size asked for is the least that is remembered.
TEST(Owners, Size) {
  Owners owners(100'000);
  for (std::uint64_t i = 0; i < 100'000; ++i) owners.note(i, 5);
  EXPECT_EQ(owners.account_of(0), 5U);
}

}  // namespace
}  // namespace ringgate
