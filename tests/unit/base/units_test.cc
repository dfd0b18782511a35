#include "base/units.h"

#include <gtest/gtest.h>

#include <array>

namespace ringgate {
namespace {

// Aim: the units differ by the factors they should. Method: compile-time comparison.
TEST(Units, TimeFactors) {
  static_assert(microseconds(3) == 3'000);
  static_assert(milliseconds(3) == microseconds(3'000));
  static_assert(seconds(3) == milliseconds(3'000));
  static_assert(seconds(-1) == -1'000'000'000);
}

// Aim: loads and stores are big-endian, inverse to each other, and indifferent to alignment.
// Method: known octets at an odd address, both ways.
TEST(Units, BigEndian) {
  std::array<std::uint8_t, 9> octets = {0, 0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef};
  EXPECT_EQ(load_be16(&octets[1]), 0x0123);
  EXPECT_EQ(load_be32(&octets[1]), 0x01234567U);
  EXPECT_EQ(load_be64(&octets[1]), 0x0123456789abcdefU);

  std::array<std::uint8_t, 9> copy = {};
  store_be64(&copy[1], 0x0123456789abcdefU);
  EXPECT_EQ(copy, octets);
  store_be32(&copy[1], 0xfedcba98U);
  EXPECT_EQ(copy[1], 0xfe);
  EXPECT_EQ(copy[4], 0x98);
  EXPECT_EQ(copy[5], 0x89);
  store_be16(&copy[1], 0x1122);
  EXPECT_EQ(copy[1], 0x11);
  EXPECT_EQ(copy[2], 0x22);
  EXPECT_EQ(copy[3], 0xba);
}

}  // namespace
}  // namespace ringgate
