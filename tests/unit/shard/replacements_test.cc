#include "shard/replacements.h"

#include <gtest/gtest.h>

#include <vector>

namespace ringgate {
namespace {

// Aim: a message has its last replacement and no other, and the octets are those of what is there.
// Method: set, set anew in another length, drop, and drop what there is not.
TEST(Replacements, OneForEachMessage) {
  Replacements all;
  EXPECT_TRUE(all.empty());
  all.set(7, 24).segment = 1;
  all.set(9, 40).segment = 2;
  EXPECT_EQ(all.octets(), 64U);
  all.set(7, 16);
  EXPECT_EQ(all.octets(), 56U);
  ASSERT_NE(all.find(7), nullptr);
  EXPECT_EQ(all.find(7)->record.size(), 16U);
  EXPECT_EQ(all.find(8), nullptr);
  all.drop(8);
  all.drop(7);
  EXPECT_EQ(all.find(7), nullptr);
  EXPECT_EQ(all.octets(), 40U);
  all.drop(9);
  EXPECT_TRUE(all.empty());
  EXPECT_EQ(all.octets(), 0U);
}

// Aim: those of a segment are found, and may move to another while they are. Method: two of three.
TEST(Replacements, InASegment) {
  Replacements all;
  for (const std::uint32_t slot : {1U, 2U, 3U}) all.set(slot, 8).segment = slot == 2 ? 6 : 5;
  unsigned met = 0;
  all.for_each_in(5, [&](Replacements::Replacement& one) {
    one.segment = 7;
    ++met;
  });
  EXPECT_EQ(met, 2U);
  all.for_each_in(5, [](const Replacements::Replacement&) { FAIL(); });
}

}  // namespace
}  // namespace ringgate
