#include "smpp/receipt_quote.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "base/bytes.h"
#include "base/prng.h"
#include "text/data_coding.h"
#include "text/gsm7.h"
#include "text/unicode.h"

namespace ringgate::smpp {
namespace {

using enum DefaultAlphabet;

constexpr DefaultAlphabet alphabets[] = {gsm7, gsm7_packed, latin1, ascii, utf8};

std::string quoted(std::string_view text, std::uint8_t data_coding, DefaultAlphabet submitted,
                   DefaultAlphabet receipt, std::uint8_t esm_class = 0) {
  MessageRecord record;
  record.begin({1}, 0, {});
  quote(record, as_octets(text), data_coding, esm_class, submitted, receipt);
  return {record.snippet, record.snippet_size};
}
std::string quoted(std::string_view text, std::uint8_t data_coding, DefaultAlphabet account) {
  return quoted(text, data_coding, account, account);
}

// Aim: text in the receipt's own alphabet is copied, 20 octets of it. Method: each alphabet.
TEST(ReceiptQuote, Same) {
  const std::string long_text = "0123456789abcdefghijklmnop";
  for (const DefaultAlphabet alphabet : {gsm7, latin1, ascii, utf8}) {
    EXPECT_EQ(quoted("hello", 0, alphabet), "hello");
    EXPECT_EQ(quoted(long_text, 0, alphabet), long_text.substr(0, 20));
    EXPECT_EQ(quoted("", 0, alphabet), "");
  }
  EXPECT_EQ(quoted("caf\xE9", 3, latin1), "caf\xE9");
  EXPECT_EQ(quoted("a\x1B\x28z", 0x10, gsm7), "a\x1B\x28z");
  EXPECT_EQ(quoted("a\x1B\x28z", 0xF1, gsm7), "a\x1B\x28z");
  EXPECT_EQ(quoted("a_b", 1, ascii), "a_b");
}

// Aim: what came in another alphabet is converted to the one that the receipt declares, and what
// has no place there is '?'. Method: by hand, for every pair that differs.
TEST(ReceiptQuote, Converted) {
  const std::string at_sign(1, '\0');
  EXPECT_EQ(quoted("caf\xE9 _\xA4\xFE", 3, gsm7), "caf\x05 \x11$?");
  EXPECT_EQ(quoted("a@b{", 3, gsm7), "a" + at_sign + "b\x1B\x28");
  EXPECT_EQ(quoted("a@b$\xE9", 1, gsm7), "a" + at_sign + "b\x02?");
  EXPECT_EQ(quoted("\xE7", 3, gsm7), "\x09");
  EXPECT_EQ(quoted("caf\xE9 \x80", 3, utf8), "caf\xC3\xA9 \xC2\x80");
  EXPECT_EQ(quoted("caf\xE9", 3, ascii), "caf?");
  EXPECT_EQ(quoted("caf\xE9", 1, latin1), "caf?");
  EXPECT_EQ(quoted("caf\xE9", 1, utf8), "caf?");
  // GSM 7-bit by its class, for an account whose default is something else: e acute, euro, omega.
  EXPECT_EQ(quoted("\x05\x1B\x65\x15", 0xF0, latin1), "\xE9??");
  EXPECT_EQ(quoted("\x05\x1B\x65\x15", 0x10, utf8), "\xC3\xA9\xE2\x82\xAC\xCE\xA9");
  EXPECT_EQ(quoted("\x05\x1B\x65\x15", 0xF3, ascii), "???");
  EXPECT_EQ(quoted("a\xFFz", 0xF0, utf8), "a?z");
}

// Aim: a packed text is repeated unpacked, which is how receipts are written. Method: hellohello of
// 3GPP TS 23.038's well-known octets, and a longer one.
TEST(ReceiptQuote, Packed) {
  EXPECT_EQ(quoted("\xE8\x32\x9B\xFD\x46\x97\xD9\xEC\x37", 0, gsm7_packed), "hellohello");
  const std::string text = "0123456789abcdefghijklmnop";
  const auto packed = gsm7_pack(as_octets(text), 0);
  EXPECT_EQ(quoted(as_text(packed), 0, gsm7_packed), text.substr(0, 20));
}

// Aim: after a restart with another default alphabet a receipt is in the new one. Method: the old
// and the new one given.
TEST(ReceiptQuote, AnotherConfiguration) {
  EXPECT_EQ(quoted("caf\xC3\xA9", 0, utf8, latin1), "caf\xE9");
  EXPECT_EQ(quoted("caf\xE9", 0, latin1, gsm7), "caf\x05");
  EXPECT_EQ(quoted("caf\x05", 0, gsm7, utf8), "caf\xC3\xA9");
  EXPECT_EQ(quoted("0123456789012345678\xC3\xA9", 0, utf8, latin1), "0123456789012345678");
  EXPECT_EQ(quoted("0123456789012345678\x1B\x65", 0, gsm7, latin1), "0123456789012345678");
}

// Aim: nothing is cut in the middle: an escape or a lead octet at the end would swallow what
// follows it. Method: texts whose 20 octets end everywhere in a character; whole ones at the very
// end stay.
TEST(ReceiptQuote, NotCutInACharacter) {
  const std::string eighteen = "012345678901234567";
  EXPECT_EQ(quoted(eighteen + "a\x1B\x65", 0, gsm7), eighteen + "a");
  EXPECT_EQ(quoted(eighteen + "\x1B\x65", 0, gsm7), eighteen + "\x1B\x65");
  EXPECT_EQ(quoted(eighteen + "\x1B\x1B\x65", 0, gsm7), eighteen + "\x1B\x1B");
  EXPECT_EQ(quoted("abc\x1B", 0, gsm7), "abc");
  EXPECT_EQ(quoted("\x1B", 0, gsm7), "");
  EXPECT_EQ(quoted(eighteen + "a\x1B\x65", 0xF0, gsm7), eighteen + "a");
  // In Latin-1 it is a control character like others.
  EXPECT_EQ(quoted("abc\x1B", 0, latin1), "abc\x1B");
  EXPECT_EQ(quoted(eighteen + "a{", 3, gsm7), eighteen + "a");
  EXPECT_EQ(quoted(eighteen + "{", 3, gsm7), eighteen + "\x1B\x28");

  const std::string sixteen = eighteen.substr(0, 16);
  const std::string four = "\xF0\x9F\x98\x80";
  EXPECT_EQ(quoted(sixteen + four, 0, utf8), sixteen + four);
  EXPECT_EQ(quoted(sixteen + "a" + four, 0, utf8), sixteen + "a");
  EXPECT_EQ(quoted(sixteen + "ab" + four, 0, utf8), sixteen + "ab");
  EXPECT_EQ(quoted(sixteen + "abc" + four, 0, utf8), sixteen + "abc");
  EXPECT_EQ(quoted(eighteen + "a\xC3\xA9", 0, utf8), eighteen + "a");
  EXPECT_EQ(quoted(eighteen + "\xC3\xA9", 0, utf8), eighteen + "\xC3\xA9");
  EXPECT_EQ(quoted(eighteen + "a\xE9", 3, utf8), eighteen + "a");
}

// Aim: what is no text of one octet a character is not repeated. Method: such codings, and a
// header.
TEST(ReceiptQuote, Nothing) {
  for (const int data_coding : {2, 4, 5, 6, 7, 8, 0x18, 0xF4, 0xC0})
    for (const DefaultAlphabet alphabet : alphabets)
      EXPECT_EQ(quoted("hello", static_cast<std::uint8_t>(data_coding), alphabet), "")
          << data_coding;
  EXPECT_EQ(quoted("hello", 0, gsm7, gsm7, 0x40), "");
  EXPECT_EQ(quoted("hello", 3, gsm7, gsm7, 0x40), "");
}

// Aim: whatever comes, what is repeated is at most 20 octets that are sound by themselves, the same
// from the octets that the journal keeps, and reads as a beginning of the text. Method: random
// texts in every coding and alphabet; decode both.
TEST(ReceiptQuote, Anything) {
  Prng prng(3);
  for (int round = 0; round < 50'000; ++round) {
    std::string text(prng.below(30), '\0');
    const bool latin = prng.chance(0.3);
    for (char& c : text)
      c = static_cast<char>(latin              ? 0x20 + prng.below(0x5F)
                            : prng.chance(0.2) ? 0x1B
                                               : prng.next());
    constexpr std::uint8_t codings[] = {0, 1, 3, 0x10, 0xF0, 0xF3};
    const std::uint8_t data_coding = codings[prng.below(std::size(codings))];
    const DefaultAlphabet from = alphabets[prng.below(std::size(alphabets))];
    const DefaultAlphabet to = alphabets[prng.below(std::size(alphabets))];
    const std::string snippet = quoted(text, data_coding, from, to);
    ASSERT_LE(snippet.size(), MessageRecord::snippet_max);
    ASSERT_EQ(whole_characters(snippet, to), snippet);
    ASSERT_EQ(quoted(text.substr(0, MessageRecord::snippet_max), data_coding, from, to), snippet);
    // Printable ASCII is itself in every alphabet, but for what GSM 7-bit has elsewhere.
    if (latin && from != gsm7_packed && data_coding < 0x10 && from == to && to != gsm7) {
      ASSERT_EQ(snippet, text.substr(0, MessageRecord::snippet_max));
    }
    // What was converted is sound in its alphabet.
    if (to == utf8 && (data_coding != 0 || from != utf8)) {
      ASSERT_TRUE(is_utf8(snippet));
    }
    if (from != to && to == ascii && data_coding == 0) {
      for (const char c : snippet) ASSERT_GE(c, 0);
    }
  }
}

}  // namespace
}  // namespace ringgate::smpp
