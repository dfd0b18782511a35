// Aim: the three fields survive the trip through the kernel's 64 bits. Method: pack and unpack
// chosen and random values.
#include "uring/user_data.h"

#include <gtest/gtest.h>

#include <random>

namespace ringgate::uring {
namespace {

TEST(UserData, LaysOutFieldsAsDrawn) {
  const UserData data{.kind = 0xAB, .generation = 0x123456, .index = 0x89ABCDEF};
  EXPECT_EQ(data.pack(), 0xAB12345689ABCDEFu);
}

TEST(UserData, UnpackInvertsPack) {
  std::mt19937_64 random(1);
  for (int round = 0; round < 1000; ++round) {
    const std::uint64_t packed = random();
    EXPECT_EQ(UserData::unpack(packed).pack(), packed);
  }
}

TEST(UserData, DropsGenerationBitsAbove24) {
  UserData data{.kind = 1, .generation = UserData::generation_count + 7, .index = 2};
  EXPECT_EQ(UserData::unpack(data.pack()), (UserData{.kind = 1, .generation = 7, .index = 2}));
}

}  // namespace
}  // namespace ringgate::uring
