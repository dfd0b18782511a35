#include "base/words.h"

#include <gtest/gtest.h>

namespace ringgate {
namespace {

// Aim: words come one after the other, whatever and however much is between them. Method: lists of
// both kinds that are read, and texts without a word.
TEST(Words, ComeOneByOne) {
  std::string_view text = "\t one  two\t";
  EXPECT_EQ(take_word(text, " \t"), "one");
  EXPECT_EQ(take_word(text, " \t"), "two");
  EXPECT_EQ(take_word(text, " \t"), "");
  EXPECT_TRUE(text.empty());
  std::string_view list = ", bundle,, msg_ring";
  EXPECT_EQ(take_word(list, ", "), "bundle");
  EXPECT_EQ(list, ",, msg_ring") << "the rest begins with what separates";
  EXPECT_EQ(take_word(list, ", "), "msg_ring");
  EXPECT_EQ(take_word(list, ", "), "");
}

// Aim: nothing but the blanks at both ends goes. Method: each kind, and nothing else.
TEST(Words, AreTrimmed) {
  EXPECT_EQ(trimmed(" \ta b\r\n"), "a b");
  EXPECT_EQ(trimmed("a"), "a");
  EXPECT_EQ(trimmed(" \r\n"), "");
  EXPECT_EQ(trimmed(""), "");
}

}  // namespace
}  // namespace ringgate
