#include "text/gsm7.h"

#include <gtest/gtest.h>

#include <string>

#include "base/bytes.h"
#include "base/prng.h"
#include "text/unicode.h"

namespace ringgate {
namespace {

using Bytes = std::vector<std::uint8_t>;

Bytes encode(std::string_view utf8, Gsm7Shift locking = Gsm7Shift::none,
             Gsm7Shift single = Gsm7Shift::none) {
  Bytes septets;
  EXPECT_TRUE(utf8_to_gsm7(utf8, septets, locking, single)) << utf8;
  return septets;
}

bool encodable(std::string_view utf8, Gsm7Shift locking = Gsm7Shift::none,
               Gsm7Shift single = Gsm7Shift::none) {
  Bytes septets{0x55};
  const bool done = utf8_to_gsm7(utf8, septets, locking, single);
  EXPECT_TRUE(done || septets == Bytes{0x55}) << "a refusal must leave no octets behind";
  return done;
}

std::string decode(const Bytes& septets, Gsm7Shift locking = Gsm7Shift::none,
                   Gsm7Shift single = Gsm7Shift::none) {
  return gsm7_to_utf8(septets, locking, single);
}

constexpr Gsm7Shift languages[] = {
    Gsm7Shift::none,      Gsm7Shift::turkish,  Gsm7Shift::spanish, Gsm7Shift::portuguese,
    Gsm7Shift::bengali,   Gsm7Shift::gujarati, Gsm7Shift::hindi,   Gsm7Shift::kannada,
    Gsm7Shift::malayalam, Gsm7Shift::oriya,    Gsm7Shift::punjabi, Gsm7Shift::tamil,
    Gsm7Shift::telugu,    Gsm7Shift::urdu,
};

// Aim: the default alphabet is the one of 3GPP TS 23.038 §6.2.1. Method: all of it in code order,
// as the standard's table prints it.
TEST(Gsm7, DefaultAlphabet) {
  const std::string_view table =
      "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
      "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
  Bytes codes;
  for (std::uint8_t code = 0; code < 0x80; ++code) {
    if (code != gsm7_escape) codes.push_back(code);
  }
  EXPECT_EQ(decode(codes), table);
  EXPECT_EQ(encode(table), codes);
}

// Aim: the extension table, and what an unknown or doubled escape shows. Method: §6.2.1.1, code by
// code.
TEST(Gsm7, Extension) {
  const Bytes codes{0x1B, 0x0A, 0x1B, 0x14, 0x1B, 0x28, 0x1B, 0x29, 0x1B, 0x2F,
                    0x1B, 0x3C, 0x1B, 0x3D, 0x1B, 0x3E, 0x1B, 0x40, 0x1B, 0x65};
  EXPECT_EQ(decode(codes), "\f^{}\\[~]|€");
  EXPECT_EQ(encode("\f^{}\\[~]|€"), codes);
  EXPECT_EQ(decode({0x1B, 0x41}), "A");         // unknown: the character without ESC
  EXPECT_EQ(decode({0x1B, 0x1B, 0x41}), " A");  // reserved for another table
  EXPECT_EQ(decode({0x41, 0x1B}), "A ");        // nothing follows
}

// Aim: octets that are no septets are shown as unreadable and counted, after ESC too. Method: one
// of each between good ones.
TEST(Gsm7, OctetsAboveSeptets) {
  std::size_t replaced = 0;
  const Bytes octets{0x41, 0x80, 0x42, 0x1B, 0xFF, 0x43};
  EXPECT_EQ(gsm7_to_utf8(octets, Gsm7Shift::none, Gsm7Shift::none, &replaced), "A\uFFFDB\uFFFDC");
  EXPECT_EQ(replaced, 2U);
}

// Aim: characters without a code are refused and nothing is appended. Method: an emoji, Cyrillic,
// a control character, the escape itself, malformed UTF-8.
TEST(Gsm7, Refusals) {
  EXPECT_FALSE(encodable("ok 😀"));
  EXPECT_FALSE(encodable("привет"));
  EXPECT_FALSE(encodable("\t"));
  EXPECT_FALSE(encodable("\x1B"));
  EXPECT_FALSE(encodable("\xFF"));
  EXPECT_FALSE(encodable("\uFFFF"));
  EXPECT_TRUE(encodable(""));
}

// Aim: code 0x09 serves both cedillas, because the published tables disagree, but only where there
// is no exact code. Method: the small one with three sets of tables.
TEST(Gsm7, Cedilla) {
  Bytes septets;
  EXPECT_EQ(append_gsm7(0xE7, Gsm7Shift::none, Gsm7Shift::none, septets), Gsm7Fit::approximate);
  EXPECT_EQ(append_gsm7(0xE7, Gsm7Shift::none, Gsm7Shift::spanish, septets), Gsm7Fit::exact);
  EXPECT_EQ(append_gsm7(0xE7, Gsm7Shift::turkish, Gsm7Shift::none, septets), Gsm7Fit::exact);
  EXPECT_EQ(append_gsm7(0xE7, Gsm7Shift::hindi, Gsm7Shift::hindi, septets), Gsm7Fit::none);
  EXPECT_EQ(septets, (Bytes{0x09, 0x1B, 0x09, 0x60}));
}

// Aim: what is copied in runs reads as what is read one by one, wherever a run begins and ends.
// Method: random texts, most of ASCII, in every language; whole, and an octet at a time.
TEST(Gsm7, RunsReadAsSingleCodes) {
  Prng prng(7);
  for (const Gsm7Shift language : languages) {
    for (int round = 0; round < 300; ++round) {
      Bytes septets(prng.below(50));
      for (std::uint8_t& one : septets)
        one =
            static_cast<std::uint8_t>(prng.chance(0.9) ? 0x20 + prng.below(0x60) : prng.below(256));
      Gsm7Decoder singly;
      std::string text;
      for (const std::uint8_t one : septets) singly.add(Octets(&one, 1), language, language, text);
      singly.finish(text);
      std::size_t replaced = 0;
      ASSERT_EQ(gsm7_to_utf8(septets, language, language, &replaced), text);
      ASSERT_EQ(replaced, singly.replaced());
    }
  }
}

// Aim: an escape that a sender cut from its code comes out whole. Method: the euro sign over two
// parts, and an end in the middle.
TEST(Gsm7, EscapeAcrossParts) {
  std::string text;
  Gsm7Decoder decoder;
  decoder.add(Bytes{0x41, 0x1B}, Gsm7Shift::none, Gsm7Shift::none, text);
  EXPECT_EQ(text, "A");
  decoder.add(Bytes{}, Gsm7Shift::none, Gsm7Shift::none, text);
  decoder.add(Bytes{0x65, 0x1B}, Gsm7Shift::none, Gsm7Shift::none, text);
  EXPECT_EQ(text, "A€");
  decoder.finish(text);
  EXPECT_EQ(text, "A€ ");
  EXPECT_EQ(decoder.replaced(), 0U);
}

// Aim: the national tables are those of annex A. Method: words and signs of each language with
// codes worked out from the standard's tables.
TEST(Gsm7, NationalTables) {
  using S = Gsm7Shift;
  EXPECT_EQ(encode("ğışİŞĞç€", S::turkish),
            (Bytes{0x0C, 0x07, 0x1D, 0x40, 0x1C, 0x0B, 0x60, 0x04}));
  EXPECT_EQ(encode("ğışİŞĞ", S::none, S::turkish),
            (Bytes{0x1B, 0x67, 0x1B, 0x69, 0x1B, 0x73, 0x1B, 0x49, 0x1B, 0x53, 0x1B, 0x47}));
  EXPECT_EQ(encode("áíóúÁÍÓÚ", S::none, S::spanish),
            (Bytes{0x1B, 0x61, 0x1B, 0x69, 0x1B, 0x6F, 0x1B, 0x75, 0x1B, 0x41, 0x1B, 0x49, 0x1B,
                   0x4F, 0x1B, 0x55}));
  EXPECT_EQ(encode("ações", S::portuguese), (Bytes{0x61, 0x09, 0x7C, 0x65, 0x73}));
  EXPECT_EQ(encode("Êê∞", S::portuguese), (Bytes{0x1E, 0x04, 0x15}));
  EXPECT_EQ(encode("êâÀΣ", S::hindi, S::portuguese),
            (Bytes{0x1B, 0x05, 0x1B, 0x7F, 0x1B, 0x41, 0x1B, 0x18}));
  EXPECT_EQ(encode("নমস্কার", S::bengali), (Bytes{0x2F, 0x42, 0x4C, 0x5F, 0x15, 0x50, 0x44}));
  EXPECT_EQ(encode("નમસ્તે", S::gujarati), (Bytes{0x2F, 0x42, 0x4C, 0x5F, 0x27, 0x59}));
  EXPECT_EQ(encode("नमस्ते", S::hindi), (Bytes{0x2F, 0x42, 0x4C, 0x5F, 0x27, 0x59}));
  EXPECT_EQ(encode("ಡಪ", S::kannada), (Bytes{0x24, 0x3D}));
  EXPECT_EQ(encode("മലയാളം", S::malayalam), (Bytes{0x42, 0x46, 0x43, 0x50, 0x47, 0x01}));
  EXPECT_EQ(encode("ଓଡ଼ିଆ", S::oriya), (Bytes{0x13, 0x24, 0x4E, 0x51, 0x04}));
  EXPECT_EQ(encode("ਪੰਜਾਬੀ", S::punjabi), (Bytes{0x3D, 0x7B, 0x1D, 0x50, 0x40, 0x52}));
  EXPECT_EQ(encode("தமிழ்", S::tamil), (Bytes{0x27, 0x42, 0x51, 0x48, 0x5F}));
  EXPECT_EQ(encode("తెలుగు", S::telugu), (Bytes{0x27, 0x58, 0x46, 0x53, 0x17, 0x53}));
  EXPECT_EQ(encode("اردو", S::urdu), (Bytes{0x00, 0x25, 0x1A, 0x53}));
  EXPECT_EQ(encode("۰۹۔", S::urdu, S::urdu), (Bytes{0x1B, 0x1C, 0x1B, 0x25, 0x1B, 0x3F}));
  EXPECT_EQ(encode("A€,'", S::hindi, S::hindi), (Bytes{0x1B, 0x41, 0x1B, 0x65, 0x2C, 0x1B, 0x09}));
  EXPECT_EQ(decode({0x0E}, S::bengali), "\uFFFD");  // a hole in a locking table
}

// Aim: every table keeps what all languages need, and a code that decodes to a character encodes to
// a code of that character. Method: every pair of tables, every code with and without ESC.
TEST(Gsm7, EveryTableRoundTrips) {
  for (const Gsm7Shift locking : languages) {
    for (const Gsm7Shift single : languages) {
      EXPECT_EQ(decode(encode("0123456789 abcxyz\r\n!?.,:;()", locking, single), locking, single),
                "0123456789 abcxyz\r\n!?.,:;()");
      EXPECT_EQ(encode("[]{}\\~^|€", Gsm7Shift::none, single).size(), 18U);
      for (std::uint8_t code = 0; code < 0x80; ++code) {
        for (const Bytes& septets : {Bytes{code}, Bytes{gsm7_escape, code}}) {
          const std::string text = decode(septets, locking, single);
          if (text == "\uFFFD" || code == gsm7_escape) continue;
          EXPECT_EQ(decode(encode(text, locking, single), locking, single), text);
        }
      }
    }
  }
}

// Aim: a reserved identifier and a language without the table mean the default. Method: 14, 255,
// and Spanish as a locking shift.
TEST(Gsm7, LanguagesWithoutTable) {
  EXPECT_EQ(gsm7_shift(13), Gsm7Shift::urdu);
  EXPECT_EQ(gsm7_shift(14), Gsm7Shift::none);
  EXPECT_EQ(gsm7_shift(255), Gsm7Shift::none);
  EXPECT_EQ(encode("@§à", Gsm7Shift::spanish), (Bytes{0x00, 0x5F, 0x7F}));
}

// Aim: packing is that of §6.1.2.1. Method: vectors known from many manuals.
TEST(Gsm7, PackKnown) {
  const Bytes packed{0xE8, 0x32, 0x9B, 0xFD, 0x46, 0x97, 0xD9, 0xEC, 0x37};
  EXPECT_EQ(gsm7_pack(encode("hellohello"), 0), packed);
  EXPECT_EQ(gsm7_unpack(packed, 10, 0), encode("hellohello"));
  EXPECT_EQ(gsm7_septet_count(packed, 0), 10U);
  EXPECT_EQ(gsm7_pack(encode("A"), 1), Bytes{0x82});
  EXPECT_EQ(gsm7_unpack(Bytes{0x82}, 1, 1), encode("A"));
  EXPECT_TRUE(gsm7_pack({}, 3).empty());
  EXPECT_TRUE(gsm7_unpack({}, 5, 3).empty());
}

// Aim: fill bits put text on a septet boundary, so that the usual sizes come out. Method: no
// header, and headers of the two concatenations.
TEST(Gsm7, FillBits) {
  EXPECT_EQ(gsm7_fill_bits(0), 0U);
  EXPECT_EQ(gsm7_fill_bits(6), 1U);
  EXPECT_EQ(gsm7_fill_bits(7), 0U);
  EXPECT_EQ(gsm7_pack(Bytes(160, 0x61), 0).size(), 140U);
  EXPECT_EQ(gsm7_pack(Bytes(153, 0x61), gsm7_fill_bits(6)).size(), 134U);
  EXPECT_EQ(gsm7_pack(Bytes(152, 0x61), gsm7_fill_bits(7)).size(), 133U);
}

// Aim: padding is not taken for text. Method: seven septets leave seven bits, filled with zeros or
// CR; eight septets leave none.
TEST(Gsm7, Padding) {
  Bytes packed = gsm7_pack(encode("abcdefg"), 0);
  EXPECT_EQ(gsm7_septet_count(packed, 0), 7U);
  packed.back() = static_cast<std::uint8_t>(packed.back() | (0x0D << 1));
  EXPECT_EQ(gsm7_septet_count(packed, 0), 7U);
  EXPECT_EQ(gsm7_septet_count(gsm7_pack(encode("abcdefgh"), 0), 0), 8U);
}

// Aim: unpack undoes pack for every size and fill, and a count that is too great reads no further
// than the octets. Method: random septets.
TEST(Gsm7, PackRoundTrips) {
  Prng prng(1);
  for (int round = 0; round < 2000; ++round) {
    Bytes septets(prng.below(200));
    for (std::uint8_t& septet : septets) septet = static_cast<std::uint8_t>(prng.below(128));
    const auto fill_bits = static_cast<unsigned>(prng.below(8));
    const Bytes packed = gsm7_pack(septets, fill_bits);
    EXPECT_EQ(gsm7_unpack(packed, septets.size(), fill_bits), septets);
    const Bytes all = gsm7_unpack(packed, 1'000'000, fill_bits);
    EXPECT_LE(all.size() * 7, packed.size() * 8);
    EXPECT_LE(gsm7_septet_count(packed, fill_bits), all.size());
  }
}

// Aim: no octets make the decoder crash or write bad UTF-8. Method: random octets, tables and cuts;
// cuts do not matter.
TEST(Gsm7, AnyOctets) {
  Prng prng(2);
  for (int round = 0; round < 2000; ++round) {
    Bytes octets(prng.below(300));
    for (std::uint8_t& octet : octets) {
      octet = prng.chance(0.2) ? gsm7_escape : static_cast<std::uint8_t>(prng.below(256));
    }
    const Gsm7Shift locking = languages[prng.below(std::size(languages))];
    const Gsm7Shift single = languages[prng.below(std::size(languages))];
    const std::string whole = gsm7_to_utf8(octets, locking, single);
    EXPECT_TRUE(is_utf8(whole));
    const std::size_t cut = prng.below(octets.size() + 1);
    std::string parts;
    Gsm7Decoder decoder;
    decoder.add(Octets(octets).first(cut), locking, single, parts);
    decoder.add(Octets(octets).subspan(cut), locking, single, parts);
    decoder.finish(parts);
    EXPECT_EQ(parts, whole);
  }
}

}  // namespace
}  // namespace ringgate
