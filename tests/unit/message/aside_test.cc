#include "message/aside.h"

#include <gtest/gtest.h>

namespace ringgate {
namespace {

// Aim: values are found by their key and their id, replaced, and taken out, also where two ids have
// one key. Method: three values under one key, and one under its own id.
TEST(Aside, IdsThatLookAlike) {
  constexpr MessageId one{5}, other{5 + (std::uint64_t{1} << 26)};
  constexpr std::uint64_t key = 7;
  Aside<int> aside;
  EXPECT_TRUE(aside.empty());
  EXPECT_EQ(aside.find(one, key), nullptr);
  aside.put(one, key, 1);
  aside.put(other, key, 2);
  aside.put(other, key, 3);
  aside.put(other, 4);
  EXPECT_EQ(aside.size(), 3U);
  EXPECT_EQ(*aside.find(one, key), 1);
  EXPECT_EQ(*aside.find(other, key), 3);
  EXPECT_EQ(*aside.find(other), 4);
  EXPECT_EQ(aside.find(one), nullptr) << "under another key";
  EXPECT_EQ(*aside.find_if(key, [](int value) { return value == 3; }), 3);
  EXPECT_EQ(aside.find_if(key, [](int value) { return value == 4; }), nullptr);
  aside.erase(one, key);
  aside.erase(one, key);
  aside.erase(other);
  EXPECT_EQ(aside.find(one, key), nullptr);
  EXPECT_EQ(*aside.find_if(key, [](int) { return true; }), 3);
  aside.erase_if([](int value) { return value == 3; });
  EXPECT_TRUE(aside.empty());
}

}  // namespace
}  // namespace ringgate
