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

/// What an account's receipts repeat when its template asks for more than 20 characters.
std::string quoted_long(std::string_view text, std::uint8_t data_coding, DefaultAlphabet submitted,
                        DefaultAlphabet receipt, unsigned characters = 25,
                        std::uint8_t esm_class = 0) {
  char octets[LongQuote::size_max];
  return {octets, quote_long(as_octets(text), data_coding, esm_class, submitted, receipt,
                             characters, octets)};
}
std::string quoted_long(std::string_view text, std::uint8_t data_coding, DefaultAlphabet account,
                        unsigned characters = 25) {
  return quoted_long(text, data_coding, account, account, characters);
}
std::string times(unsigned count, std::string_view text) {
  std::string out;
  for (unsigned i = 0; i < count; ++i) out += text;
  return out;
}

// Aim: characters are counted, whatever octets they take in the text and in the receipt. Method:
// texts longer than the count in every coding, at 25 and at 160 characters; the octets of a receipt
// bound the rest.
TEST(ReceiptQuoteLong, Characters) {
  const std::string digits = times(30, "0123456789");
  for (const DefaultAlphabet alphabet : {gsm7, latin1, ascii, utf8}) {
    EXPECT_EQ(quoted_long(digits, 0, alphabet), digits.substr(0, 25));
    EXPECT_EQ(quoted_long(digits, 0, alphabet, 160), digits.substr(0, 160));
    EXPECT_EQ(quoted_long("hello", 0, alphabet), "hello");
    EXPECT_EQ(quoted_long("", 0, alphabet), "");
  }
  EXPECT_EQ(quoted_long(as_text(gsm7_pack(as_octets(digits), 0)), 0, gsm7_packed, 160),
            digits.substr(0, 160));
  EXPECT_EQ(quoted_long(times(30, "\x1B\x65"), 0, gsm7), times(25, "\x1B\x65"));
  EXPECT_EQ(quoted_long(times(30, "{"), 3, gsm7), times(25, "\x1B\x28"));
  EXPECT_EQ(quoted_long(times(30, "\x1B\x65"), 0xF0, latin1), times(25, "?"));
  EXPECT_EQ(quoted_long(times(30, "\xE9"), 3, utf8), times(25, "\xC3\xA9"));
  EXPECT_EQ(quoted_long(times(30, "\xC3\xA9"), 0, utf8), times(25, "\xC3\xA9"));
  EXPECT_EQ(quoted_long(times(200, "\xC3\xA9"), 0, utf8, 160), times(127, "\xC3\xA9"));
  EXPECT_EQ(quoted_long(times(30, "\xC3\xA9"), 0, utf8, latin1), times(25, "\xE9"));
}

// Aim: UTF-16 is shown as far as the receipt's alphabet goes; each character that it has not is one
// '?', a pair of surrogates as well. Method: one text for every alphabet; a byte order mark, half
// characters, and more than there is room for.
TEST(ReceiptQuoteLong, Utf16) {
  using namespace std::string_view_literals;
  // c a f e-acute omega euro grinning-face z
  const auto text = "\0c\0a\0f\0\xE9\x03\xA9\x20\xAC\xD8\x3D\xDE\x00\0z"sv;
  EXPECT_EQ(quoted_long(text, 8, gsm7), "caf\x05\x15\x1B\x65?z");
  EXPECT_EQ(quoted_long(text, 8, gsm7_packed), "caf\x05\x15\x1B\x65?z");
  EXPECT_EQ(quoted_long(text, 8, latin1), "caf\xE9???z");
  EXPECT_EQ(quoted_long(text, 8, ascii), "caf????z");
  EXPECT_EQ(quoted_long(text, 8, utf8), "caf\xC3\xA9\xCE\xA9\xE2\x82\xAC\xF0\x9F\x98\x80z");
  EXPECT_EQ(quoted_long(text, 0x18, latin1), "caf\xE9???z");
  EXPECT_EQ(quoted_long("\xFE\xFF\0a"sv, 8, gsm7), "a");
  EXPECT_EQ(quoted_long("\xFF\xFE\x61\0"sv, 8, gsm7), "a");
  EXPECT_EQ(quoted_long("\0a\0"sv, 8, gsm7), "a?");
  EXPECT_EQ(quoted_long("\0a\xD8\x3D"sv, 8, gsm7), "a?");
  EXPECT_EQ(quoted_long("\xD8\x3D\0a"sv, 8, gsm7), "?a");
  EXPECT_EQ(quoted_long(times(70, "\x04\x16"sv), 8, gsm7), times(25, "?"));
  EXPECT_EQ(quoted_long(times(70, "\x04\x16"sv), 8, utf8, 160), times(70, "\xD0\x96"));
  EXPECT_EQ(quoted_long(times(200, "\x20\xAC"sv), 8, utf8, 160), times(84, "\xE2\x82\xAC"));
}

// Aim: what is no text, and what stands behind a header, is not repeated at any length. Method:
// such codings, and a header.
TEST(ReceiptQuoteLong, Nothing) {
  for (const int data_coding : {2, 4, 5, 6, 7, 0xF4, 0xC0})
    for (const DefaultAlphabet alphabet : alphabets)
      EXPECT_EQ(quoted_long("hello", static_cast<std::uint8_t>(data_coding), alphabet), "")
          << data_coding;
  for (const int data_coding : {0, 3, 8})
    EXPECT_EQ(quoted_long("hellos", static_cast<std::uint8_t>(data_coding), gsm7, gsm7, 25, 0x40),
              "");
}

// Aim: whatever comes, what is repeated keeps to its characters and octets, is sound by itself, and
// the same from the octets that the journal keeps. Method: random texts in every coding and
// alphabet, most of them of characters that take long.
TEST(ReceiptQuoteLong, Anything) {
  Prng prng(4);
  for (int round = 0; round < 50'000; ++round) {
    const auto characters = static_cast<unsigned>(21 + prng.below(140));
    std::string text(prng.below(800), '\0');
    const char special = "\x1B\xF0\x80\xD8"[prng.below(4)];
    for (char& c : text) c = prng.chance(0.5) ? special : static_cast<char>(prng.next());
    constexpr std::uint8_t codings[] = {0, 1, 3, 8, 0x10, 0x18, 0xF0};
    const std::uint8_t data_coding = codings[prng.below(std::size(codings))];
    const DefaultAlphabet from = alphabets[prng.below(std::size(alphabets))];
    const DefaultAlphabet to = alphabets[prng.below(std::size(alphabets))];
    const std::string quote = quoted_long(text, data_coding, from, to, characters);
    ASSERT_LE(quote.size(), LongQuote::size_max);
    ASSERT_EQ(first_characters(quote, to, characters, quote.size()), quote);
    const std::string kept = text.substr(0, octets_of_characters(characters));
    ASSERT_EQ(quoted_long(kept, data_coding, from, to, characters), quote);
    if (to == utf8 && (data_coding != 0 || from != utf8)) {
      ASSERT_TRUE(is_utf8(quote));
    }
  }
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
