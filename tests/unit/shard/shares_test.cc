#include "shard/shares.h"

#include <gtest/gtest.h>

namespace ringgate {
namespace {

// Aim: one of several accounts gets a quarter, the only one everything, and what is given back can
// be had again.
TEST(Shares, AQuarter) {
  for (const std::uint32_t accounts : {1u, 2u}) {
    const std::uint32_t share = accounts == 1 ? 8 : 2;
    Shares shares(8, accounts);
    for (std::uint32_t i = 0; i < share; ++i) EXPECT_TRUE(shares.take(0));
    EXPECT_FALSE(shares.take(0));
    if (accounts == 2) {
      EXPECT_TRUE(shares.take(1)) << "what one has is nothing to the other";
    }
    shares.give(0);
    EXPECT_TRUE(shares.take(0));
    EXPECT_FALSE(shares.take(0));
  }
}

// Aim: with more accounts each has less, and who has more already gives back what he has.
TEST(Shares, MoreAccounts) {
  Shares shares(8, 1);
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(shares.take(0));
  shares.adopt(3);
  EXPECT_FALSE(shares.take(0));
  EXPECT_TRUE(shares.take(2));
  for (int i = 0; i < 4; ++i) shares.give(0);
  EXPECT_TRUE(shares.take(0));
  EXPECT_FALSE(shares.take(0));
}

}  // namespace
}  // namespace ringgate
