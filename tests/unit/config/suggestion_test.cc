// Aim: hints name what was meant and stay silent when nothing is near. Method: examples.
#include "config/suggestion.h"

#include <gtest/gtest.h>

#include <string>

namespace ringgate {
namespace {

constexpr std::string_view words[] = {"serve", "check", "id", "system_id"};

TEST(Suggestion, EditDistance) {
  EXPECT_EQ(edit_distance("", ""), 0u);
  EXPECT_EQ(edit_distance("", "abc"), 3u);
  EXPECT_EQ(edit_distance("serv", "serve"), 1u);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3u);
  EXPECT_EQ(edit_distance("--htlm", "--html"), 1u);
  EXPECT_EQ(edit_distance("ab", "ba"), 1u);
  EXPECT_EQ(edit_distance("abc", "ca"), 3u) << "a character takes part in one edit";
}

TEST(Suggestion, NearestWord) {
  EXPECT_EQ(suggestion("serv", words), "serve");
  EXPECT_EQ(suggestion("systemid", words), "system_id");
  EXPECT_EQ(suggestion("chekc", words), "check");
  EXPECT_EQ(suggestion("xy", words), "");
  EXPECT_EQ(suggestion(std::string(1000, 'x'), words), "");
  EXPECT_EQ(suggestion("serve", {}), "");
}

}  // namespace
}  // namespace ringgate
