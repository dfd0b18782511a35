// Aim: the three fields survive the trip through the kernel's 64 bits. Method: pack and unpack
// chosen and random values.
#include "uring/user_data.h"

#include <gtest/gtest.h>

#include <random>

namespace ringgate::uring {
namespace {

TEST(UserData, LaysOutFieldsAsDrawn) {
  const UserData data{.kind = 0xAB, .generation = 0x123456, .index = 0x89ABCDEF};
  constexpr std::uint64_t generation = 0x123456 % UserData::generation_count;
  EXPECT_EQ(data.pack(), 0xAB00000089ABCDEFu | generation << 32);
}

TEST(UserData, UnpackInvertsPack) {
  std::mt19937_64 random(1);
  for (int round = 0; round < 1000; ++round) {
    const std::uint64_t packed = random();
    const std::uint64_t unused = std::uint64_t{0x1000000 - UserData::generation_count} << 32;
    EXPECT_EQ(UserData::unpack(packed).pack(), packed & ~unused);
  }
}

TEST(UserData, TakesTheGenerationModuloItsCount) {
  UserData data{.kind = 1, .generation = UserData::generation_count + 3, .index = 2};
  EXPECT_EQ(UserData::unpack(data.pack()), (UserData{.kind = 1, .generation = 3, .index = 2}));
}

}  // namespace
}  // namespace ringgate::uring
