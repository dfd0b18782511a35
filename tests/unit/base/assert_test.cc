#include "base/assert.h"

#include <gtest/gtest.h>

#include <type_traits>

namespace ringgate {
namespace {

// Aim: a condition that holds is evaluated once and does nothing. Method: a condition with a side
// effect and with commas.
TEST(Assert, Holds) {
  int evaluations = 0;
  ASSERT(++evaluations == 1);
  ASSERT(std::is_same_v<int, int>);
  EXPECT_EQ(evaluations, 1);
}

// Aim: a failure names its expression and place, and ends the process. Method: death tests.
TEST(AssertDeathTest, Fails) {
  EXPECT_DEATH(ASSERT(1 + 1 == 3), "assert_test.cc:[0-9]+: assertion failed: 1 \\+ 1 == 3");
  EXPECT_DEATH(UNREACHABLE(), "assert_test.cc:[0-9]+: assertion failed: unreachable");
}

}  // namespace
}  // namespace ringgate
