#include "base/bytes.h"

#include <gtest/gtest.h>

#include <array>

namespace ringgate {
namespace {

// Aim: left() follows the reading position. Method: walk over three octets.
TEST(Bytes, CursorLeft) {
  const std::array<std::uint8_t, 3> octets = {1, 2, 3};
  Cursor cursor{octets.data(), octets.data() + octets.size()};
  EXPECT_EQ(cursor.left(), 3U);
  ++cursor.at;
  EXPECT_EQ(cursor.left(), 2U);
  cursor.at = cursor.end;
  EXPECT_EQ(cursor.left(), 0U);
  EXPECT_EQ(Cursor{}.left(), 0U);
}

// Aim: the views share the memory and keep octets above 0x7f and zeros. Method: there and back.
TEST(Bytes, TextAndOctets) {
  const std::string_view text("a\0\xff", 3);
  const Octets octets = as_octets(text);
  ASSERT_EQ(octets.size(), 3U);
  EXPECT_EQ(octets[2], 0xff);
  EXPECT_EQ(as_text(octets), text);
  EXPECT_EQ(as_text(octets).data(), text.data());
  EXPECT_TRUE(as_text(Octets{}).empty());
}

}  // namespace
}  // namespace ringgate
