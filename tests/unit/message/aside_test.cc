#include "message/aside.h"

#include <gtest/gtest.h>

namespace ringgate {
namespace {

Operation naming(std::uint64_t id, bool short_id = false) {
  Operation out;
  out.id = MessageId{id};
  out.short_id = short_id;
  return out;
}

// Aim: values are found by the whole id and by the short one, replaced, and taken out, also where
// two ids look the same to a 3.3 client. Method: sequences 67 million apart.
TEST(Aside, IdsThatLookAlike) {
  constexpr std::uint64_t one = 5;
  constexpr std::uint64_t other = one + (std::uint64_t{1} << 26);
  Aside<int> aside;
  EXPECT_TRUE(aside.empty());
  EXPECT_EQ(aside.find(naming(one)), nullptr);
  aside.put(MessageId{one}, 1);
  aside.put(MessageId{other}, 2);
  aside.put(MessageId{other}, 3);
  EXPECT_EQ(aside.size(), 2U);
  EXPECT_EQ(*aside.find(MessageId{one}), 1);
  EXPECT_EQ(*aside.find(naming(other)), 3);
  EXPECT_NE(aside.find(naming(5, true)), nullptr) << "either will do";
  aside.erase(MessageId{one});
  aside.erase(MessageId{one});
  EXPECT_EQ(aside.find(MessageId{one}), nullptr);
  EXPECT_EQ(*aside.find(naming(5, true)), 3);
  aside.erase_if([](int value) { return value == 3; });
  EXPECT_TRUE(aside.empty());
}

}  // namespace
}  // namespace ringgate
