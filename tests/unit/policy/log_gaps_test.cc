#include "policy/log_gaps.h"

#include <gtest/gtest.h>

namespace ringgate {
namespace {

// Aim: without a burst, one line in a gap, which says how many were held back. Method: five at
// once, one later; another key.
TEST(LogGaps, OneInAGap) {
  LogGaps gaps(2);
  EXPECT_EQ(gaps.admit("192.0.2.1", seconds(9)), 0u);
  for (int i = 0; i < 4; ++i) EXPECT_EQ(gaps.admit("192.0.2.1", seconds(9)), std::nullopt);
  EXPECT_EQ(gaps.admit("192.0.2.2", seconds(9)), 0u);
  EXPECT_EQ(gaps.admit("192.0.2.1", seconds(10)), 4u);
  EXPECT_EQ(gaps.admit("192.0.2.1", seconds(10)), std::nullopt);
  EXPECT_EQ(gaps.admit("192.0.2.1", seconds(12)), 1u);
}

// Aim: a burst passes whole, and after it one in a gap; silence earns it back, never more. Method:
// a burst of three, ten keys at once, then after one gap and after a hundred.
TEST(LogGaps, ABurstThenOneInAGap) {
  LogGaps gaps(2, 3);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(gaps.admit("192.0.2.1", 0), 0u);
  for (int i = 0; i < 7; ++i) EXPECT_EQ(gaps.admit("192.0.2.1", 0), std::nullopt);
  EXPECT_EQ(gaps.admit("192.0.2.2", 0), 0u);
  EXPECT_EQ(gaps.admit("192.0.2.1", seconds(1)), 7u);
  EXPECT_EQ(gaps.admit("192.0.2.1", seconds(1)), std::nullopt);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(gaps.admit("192.0.2.1", seconds(101)), i == 0 ? 1u : 0u);
  EXPECT_EQ(gaps.admit("192.0.2.1", seconds(101)), std::nullopt);
}

}  // namespace
}  // namespace ringgate
