#include "text/latin1.h"

#include <gtest/gtest.h>

namespace ringgate {
namespace {

using Bytes = std::vector<std::uint8_t>;

// Aim: Latin-1 keeps every octet. Method: all 256 there and back.
TEST(Latin1, EveryOctet) {
  Bytes all;
  for (unsigned octet = 0; octet < 256; ++octet) all.push_back(static_cast<std::uint8_t>(octet));
  Bytes back;
  ASSERT_TRUE(utf8_to_latin1(latin1_to_utf8(all), back));
  EXPECT_EQ(back, all);
}

// Aim: the octets are code points, and what has none is refused whole. Method: a word, the euro
// sign, malformed UTF-8.
TEST(Latin1, Known) {
  EXPECT_EQ(latin1_to_utf8(Bytes{0x63, 0x61, 0x66, 0xE9}), "café");
  Bytes octets{0x01};
  EXPECT_FALSE(utf8_to_latin1("é€", octets));
  EXPECT_FALSE(utf8_to_latin1("é\xFF", octets));
  EXPECT_EQ(octets, Bytes{0x01});
}

}  // namespace
}  // namespace ringgate
