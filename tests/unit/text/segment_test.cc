#include "text/segment.h"

#include <gtest/gtest.h>

#include <string>

#include "base/prng.h"
#include "text/grapheme.h"

namespace ringgate {
namespace {

using Bytes = std::vector<std::uint8_t>;

std::string repeat(std::string_view text, std::size_t count) {
  std::string result;
  for (; count > 0; --count) result += text;
  return result;
}

// Sizes of the parts without their headers.
std::vector<std::size_t> body_sizes(const Segments& segments) {
  std::vector<std::size_t> sizes;
  for (const Segment& part : segments.parts) sizes.push_back(part.octets.size() - part.header_size);
  return sizes;
}
using Sizes = std::vector<std::size_t>;

DecodeOptions decode_options(const Segments& segments) {
  DecodeOptions options;
  options.udhi = segments.esm_class == 0x40;
  options.packed = segments.alphabet == Alphabet::gsm7_packed;
  options.utf16_order = Utf16Order::big;
  return options;
}

std::string join(const Segments& segments) {
  TextDecoder decoder(segments.data_coding, decode_options(segments));
  for (const Segment& part : segments.parts) decoder.add(part.octets);
  DecodedText decoded = decoder.finish();
  EXPECT_EQ(decoded.replaced, 0U);
  EXPECT_EQ(decoded.header_fault, UdhFault::none);
  return decoded.text;
}

// Each part decoded by itself, as a telephone shows it that cannot wait.
std::vector<std::string> texts(const Segments& segments) {
  std::vector<std::string> result;
  for (const Segment& part : segments.parts) {
    const DecodedText decoded =
        decode_text(part.octets, segments.data_coding, decode_options(segments));
    EXPECT_EQ(decoded.replaced, 0U) << "a character is cut";
    result.push_back(decoded.text);
  }
  return result;
}

std::vector<std::string> clusters(std::string_view utf8) {
  std::vector<std::string> result;
  GraphemeBreaker breaker;
  Utf8Reader reader(utf8);
  while (const auto character = reader.next()) {
    if (breaker.begins_cluster(character->value)) result.emplace_back();
    append_utf8(character->value, result.back());
  }
  return result;
}

// Aim: GSM 7-bit is split at 160, 153 and 152 septets. Method: texts at and one above each bound,
// with both references.
TEST(Segment, Gsm7Sizes) {
  SegmentOptions options;
  EXPECT_EQ(body_sizes(split_text("", options)), (Sizes{0}));
  EXPECT_EQ(body_sizes(split_text(repeat("a", 160), options)), (Sizes{160}));
  EXPECT_EQ(body_sizes(split_text(repeat("a", 161), options)), (Sizes{153, 8}));
  EXPECT_EQ(body_sizes(split_text(repeat("a", 306), options)), (Sizes{153, 153}));
  EXPECT_EQ(body_sizes(split_text(repeat("a", 307), options)), (Sizes{153, 153, 1}));
  options.wide_reference = true;
  EXPECT_EQ(body_sizes(split_text(repeat("a", 160), options)), (Sizes{160}));
  EXPECT_EQ(body_sizes(split_text(repeat("a", 305), options)), (Sizes{152, 152, 1}));
}

// Aim: UTF-16 is split at 70, 67 and 66 units. Method: as above.
TEST(Segment, Utf16Sizes) {
  SegmentOptions options;
  EXPECT_EQ(body_sizes(split_text(repeat("ж", 70), options)), (Sizes{140}));
  EXPECT_EQ(body_sizes(split_text(repeat("ж", 71), options)), (Sizes{134, 8}));
  EXPECT_EQ(body_sizes(split_text(repeat("ж", 135), options)), (Sizes{134, 134, 2}));
  options.wide_reference = true;
  EXPECT_EQ(body_sizes(split_text(repeat("ж", 133), options)), (Sizes{132, 132, 2}));
}

// Aim: octets are split at 140, 134 and 133. Method: as above; joined, they are the same.
TEST(Segment, BinarySizes) {
  SegmentOptions options;
  EXPECT_EQ(body_sizes(split_binary({}, options)), (Sizes{0}));
  EXPECT_EQ(body_sizes(split_binary(Bytes(140, 1), options)), (Sizes{140}));
  EXPECT_EQ(body_sizes(split_binary(Bytes(141, 1), options)), (Sizes{134, 7}));
  EXPECT_EQ(body_sizes(split_binary(Bytes(268, 1), options)), (Sizes{134, 134}));
  options.wide_reference = true;
  Bytes octets;
  for (unsigned value = 0; value < 267; ++value) octets.push_back(static_cast<std::uint8_t>(value));
  const Segments segments = split_binary(octets, options);
  EXPECT_EQ(body_sizes(segments), (Sizes{133, 133, 1}));
  EXPECT_EQ(segments.data_coding, 0x04);
  EXPECT_EQ(segments.alphabet, Alphabet::binary);
  Bytes joined;
  for (const Segment& part : segments.parts) {
    joined.insert(joined.end(), part.octets.begin() + static_cast<std::ptrdiff_t>(part.header_size),
                  part.octets.end());
  }
  EXPECT_EQ(joined, octets);
}

// Aim: headers number the parts and carry the reference; one part has none. Method: read them back.
TEST(Segment, Headers) {
  SegmentOptions options;
  options.reference = 0x1234;
  EXPECT_EQ(split_text("short", options).esm_class, 0);
  for (const bool wide : {false, true}) {
    options.wide_reference = wide;
    const Segments segments = split_text(repeat("a", 400), options);
    EXPECT_EQ(segments.esm_class, 0x40);
    EXPECT_EQ(segments.data_coding, 0x00);
    ASSERT_EQ(segments.parts.size(), 3U);
    for (std::size_t index = 0; index < 3; ++index) {
      const UdhInfo info = parse_udh(segments.parts[index].octets);
      EXPECT_EQ(info.header_size, segments.parts[index].header_size);
      EXPECT_EQ(info.wide_reference, wide);
      EXPECT_EQ(info.reference, wide ? 0x1234 : 0x34);
      EXPECT_EQ(info.total, 3);
      EXPECT_EQ(info.sequence, index + 1);
    }
  }
}

// Aim: an escape is never cut from its code. Method: a euro sign whose two septets stand across the
// bound at 153, and 160 of them.
TEST(Segment, EscapeStaysWhole) {
  const Segments segments = split_text(repeat("a", 152) + "€" + repeat("b", 10), {});
  EXPECT_EQ(body_sizes(segments), (Sizes{152, 12}));
  EXPECT_EQ(texts(segments)[1], "€bbbbbbbbbb");
  EXPECT_EQ(body_sizes(split_text(repeat("€", 80), {})), (Sizes{160}));
  EXPECT_EQ(body_sizes(split_text(repeat("€", 81), {})), (Sizes{152, 10}));
}

// Aim: a surrogate pair is never cut. Method: an emoji whose two units stand across the bound
// at 67.
TEST(Segment, SurrogatePairStaysWhole) {
  const Segments segments = split_text(repeat("ж", 66) + "😀" + repeat("я", 10), {});
  EXPECT_EQ(segments.alphabet, Alphabet::utf16);
  EXPECT_EQ(segments.data_coding, 0x08);
  EXPECT_EQ(body_sizes(segments), (Sizes{132, 24}));
  EXPECT_EQ(texts(segments)[1], "😀яяяяяяяяяя");
}

// Aim: a cluster moves whole to the next part. Method: each kind of cluster placed so that the
// bound at 67 units falls into it, at every place.
TEST(Segment, ClustersStayWhole) {
  for (const std::string_view cluster :
       {"e\u0301\u0323", "👨\u200D👩\u200D👧", "🇩🇪", "👍🏽", "❤\uFE0F", "क्ष", "각", "נּ", "\r\n",
        "🏴\U000E0067\U000E0062\U000E0065\U000E006E\U000E0067\U000E007F"}) {
    for (std::size_t before = 55; before <= 70; ++before) {
      const std::string text = repeat("ж", before) + std::string(cluster) + repeat("я", 20);
      const std::vector<std::string> parts = texts(split_text(text, {}));
      std::size_t holding = 0;
      for (const std::string& part : parts) holding += part.find(cluster) != part.npos ? 1 : 0;
      EXPECT_EQ(holding, 1U) << cluster << " at " << before;
    }
  }
}

// Aim: a cluster longer than a part is cut between characters and nothing is lost. Method: a letter
// under 300 accents.
TEST(Segment, EndlessCluster) {
  const std::string text = "жж" + ("e" + repeat("\u0301", 300));
  const Segments segments = split_text(text, {});
  EXPECT_EQ(join(segments), text);
  EXPECT_EQ(segments.parts.size(), 6U);  // moved to a part of its own, then 301 units by 67
  const std::string pairs = "e" + repeat("\U000E0061", 300);
  EXPECT_EQ(join(split_text(pairs, {})), pairs);
  texts(split_text(pairs, {}));
}

// Aim: 255 parts are the most, and clusters give way before a text is refused. Method: the greatest
// text and one more; clusters of which only one fits a part.
TEST(Segment, MostParts) {
  EXPECT_EQ(split_text(repeat("a", 153 * 255), {}).parts.size(), 255U);
  const Segments over = split_text(repeat("a", 153 * 255 + 1), {});
  EXPECT_EQ(over.fault, SegmentFault::too_many_parts);
  EXPECT_TRUE(over.parts.empty());
  const std::string wide_cluster = "ж" + repeat("\u0301", 39);
  const std::string text = repeat(wide_cluster, 300);
  const Segments segments = split_text(text, {});
  EXPECT_EQ(segments.fault, SegmentFault::none);
  EXPECT_EQ(join(segments), text);
  EXPECT_EQ(split_binary(Bytes(134 * 255 + 1), {}).fault, SegmentFault::too_many_parts);
}

// Aim: what cannot be sent is named. Method: malformed text, and alphabets that are not allowed.
TEST(Segment, Faults) {
  EXPECT_EQ(split_text("\xFF", {}).fault, SegmentFault::not_utf8);
  SegmentOptions options;
  options.utf16_allowed = false;
  EXPECT_EQ(split_text("ж", options).fault, SegmentFault::not_encodable);
  EXPECT_EQ(split_text("z", options).fault, SegmentFault::none);
  options.utf16_allowed = true;
  options.gsm7_allowed = false;
  EXPECT_EQ(split_text("z", options).alphabet, Alphabet::utf16);
  for (const SegmentFault fault : {SegmentFault::none, SegmentFault::not_utf8,
                                   SegmentFault::not_encodable, SegmentFault::too_many_parts})
    EXPECT_FALSE(segment_fault_text(fault).empty());
}

// Aim: national tables are used where allowed and needed, and only then. Method: Turkish text with
// and without leave; the shifts take their octets in every part.
TEST(Segment, NationalTables) {
  SegmentOptions options;
  options.locking_shift = Gsm7Shift::turkish;
  options.single_shift = Gsm7Shift::turkish;
  EXPECT_EQ(split_text("ığ", {}).alphabet, Alphabet::utf16);
  const Segments plain = split_text("plain", options);
  EXPECT_EQ(plain.locking_shift, Gsm7Shift::none);
  EXPECT_EQ(plain.esm_class, 0);
  const Segments few = split_text("ığ", options);  // one part either way: the first that does
  EXPECT_EQ(few.alphabet, Alphabet::gsm7);
  EXPECT_EQ(few.single_shift, Gsm7Shift::turkish);
  EXPECT_EQ(few.locking_shift, Gsm7Shift::none);
  EXPECT_EQ(few.esm_class, 0x40);
  EXPECT_EQ(few.parts[0].header_size, 4U);
  EXPECT_EQ(join(few), "ığ");
  const Segments many = split_text(repeat("ığ", 80), options);  // escapes would double it
  EXPECT_EQ(many.locking_shift, Gsm7Shift::turkish);
  EXPECT_EQ(many.single_shift, Gsm7Shift::none);
  EXPECT_EQ(body_sizes(many), (Sizes{149, 11}));
  EXPECT_EQ(join(many), repeat("ığ", 80));
  SegmentOptions spanish;
  spanish.single_shift = Gsm7Shift::spanish;
  EXPECT_EQ(join(split_text("ç", {})), "Ç") << "the default table has one cedilla only";
  EXPECT_EQ(join(split_text("ç", spanish)), "ç") << "the exact table is better";
}

// Aim: packed parts fill 140 octets and no more. Method: the same texts packed.
TEST(Segment, Packed) {
  SegmentOptions options;
  options.packed = true;
  const Segments one = split_text(repeat("a", 160), options);
  EXPECT_EQ(one.alphabet, Alphabet::gsm7_packed);
  EXPECT_EQ(body_sizes(one), (Sizes{140}));
  const Segments two = split_text(repeat("a", 306), options);
  EXPECT_EQ(body_sizes(two), (Sizes{134, 134}));
  EXPECT_EQ(join(two), repeat("a", 306));
}

std::string draw_text(Prng& prng) {
  constexpr std::string_view gsm7[] = {"a", "€", "[", "@x", "Ω", "\r\n", "é", " "};
  constexpr std::string_view any[] = {"ж",  "😀",  "e\u0301", "👨\u200D👩\u200D👧", "🇩🇪", "👍🏽",
                                      "क्ष", "नि", "中",      "\uFEFF",          "ğ",  "ı"};
  const bool rich = prng.chance(0.6);
  std::string text;
  for (std::uint64_t left = prng.below(600); left > 0; --left) {
    text += rich && prng.chance(0.5) ? any[prng.below(std::size(any))]
                                     : gsm7[prng.below(std::size(gsm7))];
  }
  return text + ".";
}

// Aim: for any text: the parts join to the text, each is readable alone, none is too long, and no
// cluster is cut. Method: random texts and options.
TEST(Segment, AnyText) {
  Prng prng(1);
  for (int round = 0; round < 1500; ++round) {
    SegmentOptions options;
    options.reference = static_cast<std::uint16_t>(prng.below(0x1'0000));
    options.wide_reference = prng.chance(0.5);
    options.gsm7_allowed = prng.chance(0.8);
    options.packed = prng.chance(0.3);
    options.locking_shift = gsm7_shift(static_cast<std::uint8_t>(prng.below(14)));
    options.single_shift = gsm7_shift(static_cast<std::uint8_t>(prng.below(14)));
    const std::string text = draw_text(prng);
    const Segments segments = split_text(text, options);
    ASSERT_EQ(segments.fault, SegmentFault::none);
    if (segments.alphabet == Alphabet::gsm7_packed) {
      for (const Segment& part : segments.parts) EXPECT_LE(part.octets.size(), 140U);
      // Packed text does not say where it ends: a part may lose an @ or CR at its end, so only the
      // unpacked form can be compared.
      continue;
    }
    EXPECT_EQ(join(segments), text);
    std::vector<std::string> expected = clusters(text);
    std::vector<std::string> found;
    for (const std::string& part : texts(segments)) {
      for (std::string& cluster : clusters(part)) found.push_back(std::move(cluster));
    }
    EXPECT_EQ(found, expected);
    for (const Segment& part : segments.parts) {
      const std::size_t body = part.octets.size() - part.header_size;
      EXPECT_LE(segments.alphabet == Alphabet::gsm7 ? part.header_size + (body * 7 + 7) / 8
                                                    : part.octets.size(),
                140U);
    }
  }
}

// Aim: clusters are those a reader sees. Method: texts of UAX #29's rules with the number of
// clusters in each.
TEST(Grapheme, Rules) {
  const auto count = [](std::string_view text) { return clusters(text).size(); };
  EXPECT_EQ(count(""), 0U);
  EXPECT_EQ(count("abc"), 3U);
  EXPECT_EQ(count("\r\n\n\r"), 3U);
  EXPECT_EQ(count("e\u0301"), 1U);
  EXPECT_EQ(count("\n\u0301"), 2U);
  EXPECT_EQ(count("\u1112\u1161\u11AB"), 1U);
  EXPECT_EQ(count("한국"), 2U);
  EXPECT_EQ(count("가\u11A8"), 1U);
  EXPECT_EQ(count("각\u1161"), 2U);
  EXPECT_EQ(count("🇩🇪🇫🇷"), 2U);
  EXPECT_EQ(count("🇩🇪🇫"), 2U);
  EXPECT_EQ(count("👍🏽👍"), 2U);
  EXPECT_EQ(count("👨\u200D👩\u200D👧"), 1U);
  EXPECT_EQ(count("❤\uFE0F\u200D🔥"), 1U);
  EXPECT_EQ(count("a\u200D👩"), 2U);
  EXPECT_EQ(count("1\uFE0F\u20E3"), 1U);
  EXPECT_EQ(count("क्षत्रिय"), 3U);
  EXPECT_EQ(count("กำ"), 1U);
}

}  // namespace
}  // namespace ringgate
