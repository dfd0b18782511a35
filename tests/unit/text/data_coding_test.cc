#include "text/data_coding.h"

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "base/prng.h"

namespace ringgate {
namespace {

using Bytes = std::vector<std::uint8_t>;

Alphabet alphabet(std::uint8_t data_coding) { return parse_data_coding(data_coding).alphabet; }
int message_class(std::uint8_t data_coding) {
  return parse_data_coding(data_coding).message_class.value_or(9);
}
std::string decode(const Bytes& octets, std::uint8_t data_coding,
                   const DecodeOptions& options = {}) {
  return decode_text(octets, data_coding, options).text;
}

// Aim: values that SMPP defines mean what SMPP says. Method: 5.0 table 4-12.
TEST(DataCoding, SmppValues) {
  constexpr Alphabet expected[] = {
      Alphabet::gsm7,   Alphabet::ascii, Alphabet::binary, Alphabet::latin1,
      Alphabet::binary, Alphabet::other, Alphabet::other,  Alphabet::other,
      Alphabet::utf16,  Alphabet::other, Alphabet::other,  Alphabet::other,
      Alphabet::other,  Alphabet::other, Alphabet::other,  Alphabet::other,
  };
  for (std::uint8_t value = 0; value < 16; ++value) {
    EXPECT_EQ(alphabet(value), expected[value]) << int{value};
    EXPECT_EQ(message_class(value), 9) << int{value};
  }
}

// Aim: values that SMPP reserves mean what 3GPP TS 23.038 §4 says. Method: each coding group, and
// the rule about reserved codings.
TEST(DataCoding, CodingGroups) {
  for (unsigned low = 0; low < 4; ++low) {
    const auto value = [low](unsigned high) { return static_cast<std::uint8_t>(high | low); };
    for (const unsigned high : {0x10U, 0x50U, 0xF0U, 0xF8U}) {
      EXPECT_EQ(alphabet(value(high)), Alphabet::gsm7);
      EXPECT_EQ(message_class(value(high)), static_cast<int>(low));
    }
    for (const unsigned high : {0x14U, 0x54U, 0xF4U, 0xFCU}) {
      EXPECT_EQ(alphabet(value(high)), Alphabet::binary);
      EXPECT_EQ(message_class(value(high)), static_cast<int>(low));
    }
    for (const unsigned high : {0x18U, 0x58U}) {
      EXPECT_EQ(alphabet(value(high)), Alphabet::utf16);
      EXPECT_EQ(message_class(value(high)), static_cast<int>(low));
    }
    EXPECT_EQ(alphabet(value(0x1C)), Alphabet::gsm7);
    EXPECT_EQ(alphabet(value(0x48)), Alphabet::utf16);
    EXPECT_EQ(message_class(value(0x48)), 9);
    EXPECT_TRUE(parse_data_coding(value(0x20)).compressed);
    EXPECT_TRUE(parse_data_coding(value(0x7C)).compressed);
    EXPECT_EQ(alphabet(value(0x30)), Alphabet::other);
    EXPECT_EQ(alphabet(value(0x80)), Alphabet::gsm7);
    EXPECT_EQ(alphabet(value(0xC8)), Alphabet::gsm7);
    EXPECT_EQ(alphabet(value(0xD8)), Alphabet::gsm7);
    EXPECT_EQ(alphabet(value(0xE8)), Alphabet::utf16);
    EXPECT_TRUE(parse_data_coding(value(0xC8)).waiting_indication);
    EXPECT_FALSE(parse_data_coding(value(0xF0)).waiting_indication);
  }
}

// Aim: data_coding 0 is what the peer means by it. Method: the same octets under each default.
TEST(DataCoding, DefaultAlphabet) {
  const Bytes octets{0x40, 0xC3, 0xA9};
  DecodeOptions options;
  EXPECT_EQ(decode(octets, 0, options), "¡\uFFFD\uFFFD");
  options.default_alphabet = Alphabet::latin1;
  EXPECT_EQ(decode(octets, 0, options), "@Ã©");
  options.default_alphabet = Alphabet::ascii;
  EXPECT_EQ(decode(octets, 0, options), "@\uFFFD\uFFFD");
  EXPECT_EQ(decode_text(octets, 0, options).replaced, 2U);
  options.default_alphabet = Alphabet::utf8;
  EXPECT_EQ(decode(octets, 0, options), "@é");
  EXPECT_EQ(decode({0xC3}, 0, options), "\uFFFD");
  EXPECT_EQ(decode({0x40}, 0x10, options), "¡") << "only 0x00 has a default";
}

// Aim: each alphabet decodes to UTF-8. Method: one short text in each of R12's codings.
TEST(DataCoding, EveryAlphabet) {
  EXPECT_EQ(decode({0x1B, 0x65}, 0x00), "€");
  EXPECT_EQ(decode({0x00}, 0x10), "@");
  EXPECT_EQ(decode({0x40}, 0x01), "@");
  EXPECT_EQ(decode({0xE9}, 0x03), "é");
  EXPECT_EQ(decode({0x20, 0xAC}, 0x08), "€");
  EXPECT_EQ(decode({0xD8, 0x3D, 0xDE, 0x00}, 0x18), "😀");
  EXPECT_EQ(decode({0xFF, 0xFE, 0x41, 0x00}, 0x08), "A");
  const DecodedText binary = decode_text(Bytes{0x41}, 0x04, {});
  EXPECT_FALSE(binary.is_text);
  EXPECT_TRUE(binary.text.empty());
  EXPECT_EQ(binary.alphabet, Alphabet::binary);
  EXPECT_FALSE(decode_text(Bytes{0x41}, 0x05, {}).is_text);
  EXPECT_TRUE(decode_text({}, 0x00, {}).is_text);
}

// Aim: packed text decodes with and without a header. Method: "hellohello" as known octets, then
// behind a concatenation header, whose six octets need one fill bit.
TEST(DataCoding, Packed) {
  DecodeOptions options;
  options.packed = true;
  EXPECT_EQ(decode({0xE8, 0x32, 0x9B, 0xFD, 0x46, 0x97, 0xD9, 0xEC, 0x37}, 0, options),
            "hellohello");
  EXPECT_EQ(decode({0x41}, 0x03, options), "A") << "packing is for GSM 7-bit only";
  options.udhi = true;
  EXPECT_EQ(decode({0x05, 0x00, 0x03, 0x01, 0x01, 0x01, 0x82}, 0, options), "A");
}

// Aim: shifts in the header choose the tables of that part. Method: Turkish both ways, options when
// the header names none, and a reserved language.
TEST(DataCoding, Shifts) {
  DecodeOptions options;
  options.udhi = true;
  EXPECT_EQ(decode({0x03, 0x25, 0x01, 0x01, 0x07}, 0, options), "ı");
  EXPECT_EQ(decode({0x03, 0x24, 0x01, 0x01, 0x1B, 0x69}, 0, options), "ı");
  EXPECT_EQ(decode({0x03, 0x25, 0x01, 0x77, 0x07}, 0, options), "ì");
  options.locking_shift = Gsm7Shift::turkish;
  EXPECT_EQ(decode({0x03, 0x24, 0x01, 0x01, 0x07}, 0, options), "ı");
}

// Aim: a broken header is named and costs its part. Method: one good part between two bad ones.
TEST(DataCoding, HeaderFaults) {
  DecodeOptions options;
  options.udhi = true;
  TextDecoder decoder(0, options);
  decoder.add(Bytes{0x09, 0x41});
  decoder.add(Bytes{0x02, 0x70, 0x00, 0x42});
  decoder.add({});
  const DecodedText decoded = decoder.finish();
  EXPECT_EQ(decoded.text, "B");
  EXPECT_EQ(decoded.header_fault, UdhFault::length);
}

// Aim: characters cut between parts come out whole in every alphabet that has such. Method: an
// escape, a surrogate pair, half a unit, and UTF-8.
TEST(DataCoding, AcrossParts) {
  const auto join = [](const Bytes& first, const Bytes& second, std::uint8_t data_coding,
                       const DecodeOptions& options) {
    TextDecoder decoder(data_coding, options);
    decoder.add(first);
    decoder.add(second);
    return decoder.finish().text;
  };
  EXPECT_EQ(join({0x41, 0x1B}, {0x65, 0x42}, 0x00, {}), "A€B");
  EXPECT_EQ(join({0xD8, 0x3D}, {0xDE, 0x00}, 0x08, {}), "😀");
  EXPECT_EQ(join({0x20}, {0xAC}, 0x08, {}), "€");
  DecodeOptions utf8;
  utf8.default_alphabet = Alphabet::utf8;
  EXPECT_EQ(join({0xE2, 0x82}, {0xAC}, 0x00, utf8), "€");
}

// Aim: nothing that a peer sends makes the decoder crash or yield bad UTF-8. Method: random octets
// under random values and options.
TEST(DataCoding, AnyOctets) {
  constexpr Alphabet defaults[] = {Alphabet::gsm7, Alphabet::latin1, Alphabet::ascii,
                                   Alphabet::utf8};
  Prng prng(1);
  for (int round = 0; round < 20'000; ++round) {
    DecodeOptions options;
    options.default_alphabet = defaults[prng.below(4)];
    options.packed = prng.chance(0.5);
    options.udhi = prng.chance(0.5);
    TextDecoder decoder(static_cast<std::uint8_t>(prng.chance(0.3) ? 0 : prng.below(256)), options);
    for (std::uint64_t parts = prng.below(4); parts > 0; --parts) {
      Bytes octets(prng.below(30));
      for (std::uint8_t& octet : octets) {
        octet = static_cast<std::uint8_t>(prng.below(prng.chance(0.5) ? 8 : 256));
      }
      decoder.add(octets);
    }
    const DecodedText decoded = decoder.finish();
    EXPECT_TRUE(is_utf8(decoded.text));
    EXPECT_FALSE(alphabet_name(decoded.alphabet).empty());
    EXPECT_TRUE(decoded.is_text || decoded.text.empty());
  }
}

}  // namespace
}  // namespace ringgate
