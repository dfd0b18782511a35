#include "base/zeroed_array.h"

#include <gtest/gtest.h>

#include <cstdint>

namespace ringgate {
namespace {

// Aim: everything is zero and can be written. Method: the ends and the middle of some megabytes.
TEST(ZeroedArray, Zeros) {
  ZeroedArray<std::uint32_t> array(std::size_t{1} << 20);
  ASSERT_EQ(array.size(), std::size_t{1} << 20);
  for (const std::size_t i : {std::size_t{0}, array.size() / 2, array.size() - 1}) {
    EXPECT_EQ(array[i], 0U);
    array[i] = 7;
    EXPECT_EQ(array[i], 7U);
  }
}

}  // namespace
}  // namespace ringgate
