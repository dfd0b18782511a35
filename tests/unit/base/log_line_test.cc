#include "base/log_line.h"

#include <gtest/gtest.h>

#include <map>

#include "base/prng.h"

namespace ringgate {
namespace {

std::string shown(std::string_view value) {
  LogLine line("x");
  line.field("v", value);
  return std::string(line.view().substr(4));
}

/// Reads a line as its rule says, sharing nothing with the writer; empty when it is none.
std::map<std::string, std::string> read_fields(std::string_view line) {
  std::map<std::string, std::string> fields;
  std::size_t at = line.find(' ');
  while (at < line.size()) {
    const std::size_t equals = line.find('=', at);
    if (equals == line.npos) return {};
    std::string& value = fields[std::string(line.substr(at + 1, equals - at - 1))];
    at = equals + 1;
    if (at == line.size() || line[at] != '"') {
      while (at < line.size() && line[at] != ' ') value += line[at++];
      continue;
    }
    for (++at; at < line.size() && line[at] != '"'; ++at) {
      if (line[at] != '\\')
        value += line[at];
      else if (line[++at] != 'x')
        value += line[at];
      else
        value +=
            static_cast<char>(std::stoi(std::string(line.substr((at += 2) - 1, 2)), nullptr, 16));
    }
    ++at;
  }
  return fields;
}

// Aim: plain values stand as they are, and everything that could be read as something else stands
// in quotes. Method: a line for each kind.
TEST(LogLine, Values) {
  EXPECT_EQ(shown("esme"), "esme");
  EXPECT_EQ(shown("[::1%eth0]:2775"), "[::1%eth0]:2775");
  EXPECT_EQ(shown("A.b_c@d+e/f-9"), "A.b_c@d+e/f-9");
  EXPECT_EQ(shown(""), "\"\"");
  EXPECT_EQ(shown("-"), "\"-\"");
  EXPECT_EQ(shown("a peer=1.2.3.4"), "\"a peer=1.2.3.4\"");
  EXPECT_EQ(shown("a=b"), "\"a=b\"");
  EXPECT_EQ(shown("a\" peer=\"b"), "\"a\\\" peer=\\\"b\"");
  EXPECT_EQ(shown("a\\"), "\"a\\\\\"");
  EXPECT_EQ(shown("a\nb\x1B[2J\x7F\xE9"), "\"a\\x0ab\\x1b[2J\\x7f\\xe9\"");
  EXPECT_EQ(shown(std::string_view("a\0b", 3)), "\"a\\x00b\"");
}

// Aim: a line is what happened, and its fields in order. Method: one of each kind of field.
TEST(LogLine, Fields) {
  LogLine line("bind refused");
  line.nothing("account").field("peer", "1.2.3.4:5").field("shard", 3U).field("count", -1);
  EXPECT_EQ(line.view(), "bind refused account=- peer=1.2.3.4:5 shard=3 count=-1");
}

// Aim: whatever a peer writes, the fields are the ones that were written, and the line is one line
// of printable ASCII. Method: random values, many of them out of what the rule is made of; read
// back by a reader of its own.
TEST(LogLine, CannotBeForged) {
  Prng prng(1);
  constexpr std::string_view parts[] = {"\"", "\\", " ", "=", "peer", "\n", "\\x", "-", "...", "a"};
  for (int round = 0; round < 20'000; ++round) {
    std::string value;
    for (std::uint64_t i = prng.below(12); i > 0; --i) {
      if (prng.chance(0.2))
        value += static_cast<char>(prng.next());
      else
        value += parts[prng.below(std::size(parts))];
    }
    LogLine line("bound");
    line.field("system_id", value).field("peer", "1.2.3.4:5");
    for (const char c : line.view()) ASSERT_TRUE(c >= 0x20 && c <= 0x7E) << line.view();
    const std::map<std::string, std::string> expected{{"system_id", value}, {"peer", "1.2.3.4:5"}};
    ASSERT_EQ(read_fields(line.view()), expected) << line.view();
  }
}

// Aim: a value and a line have an end. Method: longer ones; the cut shows, and cannot be forged.
TEST(LogLine, Bounds) {
  const std::string longest(LogLine::value_max, 'a');
  EXPECT_EQ(shown(longest), longest);
  EXPECT_EQ(shown(longest + "b"), "\"" + longest + "\"...");
  LogLine line("x");
  for (int i = 0; i < 100; ++i) line.field("v", longest + "b").field("w", 1);
  EXPECT_LE(line.view().size(), LogLine::line_max + 4);
  EXPECT_TRUE(line.view().ends_with(" ...")) << line.view();
}

}  // namespace
}  // namespace ringgate
