#include "text/unicode.h"

#include <gtest/gtest.h>

#include <string>

#include "base/prng.h"

namespace ringgate {
namespace {

using Bytes = std::vector<std::uint8_t>;

// Malformed characters show as U+FFFD and are counted.
struct Valid {
  std::string text;
  std::size_t replaced = 0;
  friend bool operator==(const Valid&, const Valid&) = default;
};
Valid valid(std::string_view text) {
  Valid result;
  result.text = to_valid_utf8(text, &result.replaced);
  EXPECT_EQ(is_utf8(text), result.replaced == 0);
  return result;
}

std::u32string characters(std::string_view utf8) {
  std::u32string result;
  Utf8Reader reader(utf8);
  while (const auto character = reader.next()) result.push_back(character->value);
  return result;
}

// A scalar value, often near a bound of its encoding.
char32_t draw_character(Prng& prng) {
  constexpr char32_t bounds[] = {0x00,   0x7F,   0x80,   0x7FF,  0x800,    0xD7FF,
                                 0xE000, 0xFEFF, 0xFFFD, 0xFFFF, 0x1'0000, 0x10'FFFF};
  if (prng.chance(0.3)) return bounds[prng.below(std::size(bounds))];
  const auto drawn = static_cast<char32_t>(prng.below(0x10'F800));
  return drawn < 0xD800 ? drawn : drawn + 0x800;
}

// Aim: well-formed UTF-8 reads as what it means. Method: the bounds of each size.
TEST(Unicode, Utf8WellFormed) {
  EXPECT_EQ(characters(std::string_view("\0\x7F", 2)), std::u32string({0, 0x7F}));
  EXPECT_EQ(characters("\xC2\x80\xDF\xBF"), std::u32string({0x80, 0x7FF}));
  EXPECT_EQ(characters("\xE0\xA0\x80\xED\x9F\xBF\xEE\x80\x80\xEF\xBF\xBF"),
            std::u32string({0x800, 0xD7FF, 0xE000, 0xFFFF}));
  EXPECT_EQ(characters("\xF0\x90\x80\x80\xF4\x8F\xBF\xBF"), std::u32string({0x1'0000, 0x10'FFFF}));
}

// Aim: everything else is malformed, and one U+FFFD stands for each maximal stretch. Method: the
// classes of the Unicode Standard §3.9, its example last.
TEST(Unicode, Utf8Malformed) {
  EXPECT_EQ(valid("\xC0\xAF"), (Valid{"\uFFFD\uFFFD", 2}));                      // overlong
  EXPECT_EQ(valid("\xE0\x9F\xBF"), (Valid{"\uFFFD\uFFFD\uFFFD", 3}));            // overlong
  EXPECT_EQ(valid("\xED\xA0\x80"), (Valid{"\uFFFD\uFFFD\uFFFD", 3}));            // surrogate
  EXPECT_EQ(valid("\xF4\x90\x80\x80"), (Valid{"\uFFFD\uFFFD\uFFFD\uFFFD", 4}));  // too great
  EXPECT_EQ(valid("\xF5"), (Valid{"\uFFFD", 1}));
  EXPECT_EQ(valid("\x80"), (Valid{"\uFFFD", 1}));      // continuation alone
  EXPECT_EQ(valid("\xE2\x82"), (Valid{"\uFFFD", 1}));  // cut short
  EXPECT_EQ(valid("\xE2\x82"
                  "A"),
            (Valid{"\uFFFDA", 1}));  // the next character is kept
  EXPECT_EQ(valid("\x61\xF1\x80\x80\xE1\x80\xC2\x62\x80\x63\x80\xBF\x64"),
            (Valid{"a\uFFFD\uFFFD\uFFFDb\uFFFDc\uFFFD\uFFFDd", 6}));
}

// Aim: the end of ASCII is found at every place.
TEST(Unicode, AsciiRun) {
  for (std::size_t size = 0; size < 40; ++size) {
    std::vector<std::uint8_t> octets(size, 0x7F);
    const auto ascii_in = [&octets] {
      std::string text;
      const Octets rest = append_ascii(octets, text);
      EXPECT_EQ(text.size() + rest.size(), octets.size());
      return text.size();
    };
    EXPECT_EQ(ascii_in(), size);
    for (std::size_t at = 0; at < size; ++at) {
      octets[at] = 0x80;
      EXPECT_EQ(ascii_in(), at);
      octets[at] = 0x00;
    }
  }
}

// Aim: UTF-8 and UTF-16 both keep every text. Method: random scalar values through both.
TEST(Unicode, RoundTrips) {
  Prng prng(1);
  for (int round = 0; round < 2000; ++round) {
    std::u32string text;
    std::string utf8;
    for (std::uint64_t left = prng.below(40); left > 0; --left) {
      text.push_back(draw_character(prng));
      append_utf8(text.back(), utf8);
    }
    EXPECT_EQ(characters(utf8), text);
    Bytes utf16;
    ASSERT_TRUE(utf8_to_utf16be(utf8, utf16));
    std::size_t replaced = 1;
    EXPECT_EQ(utf16_to_utf8(utf16, Utf16Order::big, &replaced), utf8);
    EXPECT_EQ(replaced, 0U);
    for (std::size_t at = 0; at < utf16.size(); at += 2) std::swap(utf16[at], utf16[at + 1]);
    EXPECT_EQ(utf16_to_utf8(utf16, Utf16Order::little), utf8);
  }
}

// Aim: UTF-16 is what the standard says. Method: one character of each kind.
TEST(Unicode, Utf16Known) {
  Bytes octets;
  ASSERT_TRUE(utf8_to_utf16be("A€😀", octets));
  EXPECT_EQ(octets, (Bytes{0x00, 0x41, 0x20, 0xAC, 0xD8, 0x3D, 0xDE, 0x00}));
  EXPECT_EQ(utf16_to_utf8(octets), "A€😀");
  EXPECT_FALSE(utf8_to_utf16be("ok\xFF", octets));
  EXPECT_EQ(octets.size(), 8U) << "a refusal must leave no octets behind";
}

// Aim: surrogates without their partner show as unreadable, one each, and nothing else is lost.
// Method: each kind alone, doubled, in the wrong order, at the end, and half a unit.
TEST(Unicode, LoneSurrogates) {
  const auto decode = [](const Bytes& octets) { return utf16_to_utf8(octets); };
  EXPECT_EQ(decode({0xD8, 0x3D, 0x00, 0x41}), "\uFFFDA");
  EXPECT_EQ(decode({0xDE, 0x00, 0x00, 0x41}), "\uFFFDA");
  EXPECT_EQ(decode({0xDE, 0x00, 0xD8, 0x3D}), "\uFFFD\uFFFD");
  EXPECT_EQ(decode({0xD8, 0x3D, 0xD8, 0x3D, 0xDE, 0x00}), "\uFFFD😀");
  EXPECT_EQ(decode({0x00, 0x41, 0xD8, 0x3D}), "A\uFFFD");
  EXPECT_EQ(decode({0x00, 0x41, 0x00}), "A\uFFFD");
  EXPECT_EQ(decode({0xD8, 0x3D, 0xDE}), "\uFFFD");
}

// Aim: it does not matter where parts are cut. Method: a text with pairs, cut at every octet, in
// both orders.
TEST(Unicode, Utf16AcrossParts) {
  for (const Utf16Order order : {Utf16Order::big, Utf16Order::little}) {
    Bytes octets;
    ASSERT_TRUE(utf8_to_utf16be("a😀b👍🏽ц", octets));
    if (order == Utf16Order::little)
      for (std::size_t at = 0; at < octets.size(); at += 2) std::swap(octets[at], octets[at + 1]);
    for (std::size_t cut = 0; cut <= octets.size(); ++cut) {
      std::string text;
      Utf16Decoder decoder(order);
      decoder.add(Octets(octets).first(cut), text);
      decoder.add(Octets(octets).subspan(cut), text);
      decoder.finish(text);
      EXPECT_EQ(text, "a😀b👍🏽ц") << cut;
      EXPECT_EQ(decoder.replaced(), 0U);
    }
  }
}

// Aim: a byte order mark decides only where the peer's order is not known, and only at the start.
// Method: both marks and none, with each order.
TEST(Unicode, ByteOrderMark) {
  const auto decode = [](const Bytes& octets, Utf16Order order) {
    return utf16_to_utf8(octets, order);
  };
  EXPECT_EQ(decode({0xFE, 0xFF, 0x00, 0x41}, Utf16Order::detect), "A");
  EXPECT_EQ(decode({0xFF, 0xFE, 0x41, 0x00}, Utf16Order::detect), "A");
  EXPECT_EQ(decode({0x00, 0x41}, Utf16Order::detect), "A");
  EXPECT_EQ(decode({0x00, 0x41, 0xFE, 0xFF}, Utf16Order::detect), "A\uFEFF");
  EXPECT_EQ(decode({0xFE, 0xFF, 0x00, 0x41}, Utf16Order::big), "\uFEFFA");
  EXPECT_EQ(decode({0xFF, 0xFE, 0x41, 0x00}, Utf16Order::little), "\uFEFFA");
}

// Aim: no octets make a reader crash, hang or write bad UTF-8. Method: random octets, through both.
TEST(Unicode, AnyOctets) {
  Prng prng(2);
  for (int round = 0; round < 5000; ++round) {
    std::string octets(prng.below(60), '\0');
    for (char& octet : octets) octet = static_cast<char>(prng.below(256));
    EXPECT_TRUE(is_utf8(valid(octets).text));
    const Bytes bytes(octets.begin(), octets.end());
    EXPECT_TRUE(is_utf8(utf16_to_utf8(bytes, Utf16Order::detect)));
  }
}

}  // namespace
}  // namespace ringgate
