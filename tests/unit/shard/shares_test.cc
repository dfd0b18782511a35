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

}  // namespace
}  // namespace ringgate
