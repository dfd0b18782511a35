#include "text/udh.h"

#include <gtest/gtest.h>

#include "base/prng.h"

namespace ringgate {
namespace {

using Bytes = std::vector<std::uint8_t>;

UdhInfo parse(const Bytes& octets) { return parse_udh(octets); }

// Aim: both concatenations read as 3GPP TS 23.040 §9.2.3.24.1 and .8 say. Method: the octets of
// each, with text behind.
TEST(Udh, Concatenation) {
  const UdhInfo narrow = parse({0x05, 0x00, 0x03, 0xA7, 0x03, 0x02, 'h', 'i'});
  EXPECT_TRUE(narrow.sound);
  EXPECT_TRUE(narrow.concatenated);
  EXPECT_FALSE(narrow.wide_reference);
  EXPECT_EQ(narrow.reference, 0xA7);
  EXPECT_EQ(narrow.total, 3);
  EXPECT_EQ(narrow.sequence, 2);
  EXPECT_EQ(narrow.header_size, 6U);
  const UdhInfo wide = parse({0x06, 0x08, 0x04, 0x12, 0x34, 0xFF, 0xFF});
  EXPECT_TRUE(wide.concatenated);
  EXPECT_TRUE(wide.wide_reference);
  EXPECT_EQ(wide.reference, 0x1234);
  EXPECT_EQ(wide.total, 255);
  EXPECT_EQ(wide.sequence, 255);
  EXPECT_EQ(wide.header_size, 7U);
}

// Aim: ports, shifts and unknown elements live together in any order. Method: all in one header.
TEST(Udh, ManyElements) {
  const UdhInfo info = parse({0x14, 0x70, 0x00, 0x05, 0x04, 0x0B, 0x84, 0x23, 0xF0, 0x24, 0x01,
                              0x01, 0x25, 0x01, 0x06, 0x00, 0x03, 0x01, 0x02, 0x01, 0x71});
  EXPECT_FALSE(info.sound);  // 0x71 has no length
  EXPECT_EQ(info.fault, UdhFault::element_length);
  const UdhInfo good = parse({0x15, 0x70, 0x00, 0x05, 0x04, 0x0B, 0x84, 0x23, 0xF0, 0x24, 0x01,
                              0x01, 0x25, 0x01, 0x06, 0x00, 0x03, 0x01, 0x02, 0x01, 0x71, 0x00});
  EXPECT_TRUE(good.sound);
  EXPECT_EQ(good.fault, UdhFault::none);
  EXPECT_EQ(good.ports, (UdhInfo::Ports{2948, 9200}));
  EXPECT_EQ(good.single_shift, 1);
  EXPECT_EQ(good.locking_shift, 6);
  EXPECT_TRUE(good.concatenated);
  EXPECT_EQ(good.header_size, 22U);
  EXPECT_EQ(parse({0x04, 0x04, 0x02, 0xF0, 0xE2}).ports, (UdhInfo::Ports{0xF0, 0xE2}));
}

// Aim: a header whose structure does not hold says why and yields nothing. Method: each way to be
// short.
TEST(Udh, StructureFaults) {
  EXPECT_EQ(parse({}).fault, UdhFault::missing);
  EXPECT_EQ(parse({0x00, 'x'}).fault, UdhFault::missing);
  EXPECT_EQ(parse({0x05, 0x00, 0x03, 0x01, 0x02}).fault, UdhFault::length);
  EXPECT_EQ(parse({0xFF}).fault, UdhFault::length);
  EXPECT_EQ(parse({0x05, 0x00, 0x04, 0x01, 0x02, 0x01}).fault, UdhFault::element_length);
  const UdhInfo late = parse({0x06, 0x00, 0x03, 0x01, 0x02, 0x01, 0x24});
  EXPECT_EQ(late.fault, UdhFault::element_length);
  EXPECT_FALSE(late.sound);
  EXPECT_FALSE(late.concatenated);
  EXPECT_EQ(late.header_size, 0U);
}

// Aim: a bad element costs that element only. Method: wrong sizes, impossible part numbers, a good
// shift behind.
TEST(Udh, ElementFaults) {
  for (const Bytes& header : {Bytes{0x08, 0x00, 0x03, 0x01, 0x00, 0x00, 0x24, 0x01, 0x02},
                              Bytes{0x08, 0x00, 0x03, 0x01, 0x02, 0x03, 0x24, 0x01, 0x02},
                              Bytes{0x08, 0x00, 0x03, 0x01, 0x02, 0x00, 0x24, 0x01, 0x02}}) {
    const UdhInfo info = parse(header);
    EXPECT_TRUE(info.sound);
    EXPECT_EQ(info.fault, UdhFault::element_sequence);
    EXPECT_FALSE(info.concatenated);
    EXPECT_EQ(info.single_shift, 2);
  }
  EXPECT_EQ(parse({0x04, 0x00, 0x02, 0x01, 0x02}).fault, UdhFault::element_size);
  EXPECT_EQ(parse({0x04, 0x05, 0x02, 0x01, 0x02}).fault, UdhFault::element_size);
  EXPECT_EQ(parse({0x02, 0x25, 0x00}).fault, UdhFault::element_size);
}

// Aim: of an element that comes twice the last counts (§9.2.3.24). Method: 8 bits, then 16.
TEST(Udh, LastCounts) {
  const UdhInfo info =
      parse({0x0B, 0x00, 0x03, 0x01, 0x02, 0x01, 0x08, 0x04, 0x01, 0x02, 0x05, 0x04});
  EXPECT_TRUE(info.wide_reference);
  EXPECT_EQ(info.reference, 0x0102);
  EXPECT_EQ(info.sequence, 4);
}

// Aim: what the writer writes the parser reads. Method: known octets, then random elements.
TEST(Udh, Writer) {
  EXPECT_TRUE(UdhWriter().octets().empty());
  UdhWriter known;
  known.add_concatenation_8(0xA7, 3, 2);
  EXPECT_EQ(Bytes(known.octets().begin(), known.octets().end()),
            (Bytes{0x05, 0x00, 0x03, 0xA7, 0x03, 0x02}));
  Prng prng(1);
  for (int round = 0; round < 1000; ++round) {
    const auto total = static_cast<std::uint8_t>(1 + prng.below(255));
    const auto sequence = static_cast<std::uint8_t>(1 + prng.below(total));
    const auto reference = static_cast<std::uint16_t>(prng.below(0x1'0000));
    const auto language = static_cast<std::uint8_t>(prng.below(14));
    UdhWriter writer;
    writer.add_single_shift(language);
    writer.add_concatenation_16(reference, total, sequence);
    writer.add_locking_shift(language);
    const UdhInfo info = parse_udh(writer.octets());
    EXPECT_TRUE(info.sound);
    EXPECT_EQ(info.fault, UdhFault::none);
    EXPECT_EQ(info.reference, reference);
    EXPECT_EQ(info.total, total);
    EXPECT_EQ(info.sequence, sequence);
    EXPECT_EQ(info.locking_shift, language);
    EXPECT_EQ(info.single_shift, language);
    EXPECT_EQ(info.header_size, writer.octets().size());
  }
}

// Aim: no octets make the parser crash, and a sound header lies inside them. Method: random octets,
// mostly small.
TEST(Udh, AnyOctets) {
  Prng prng(2);
  for (int round = 0; round < 20'000; ++round) {
    Bytes octets(prng.below(20));
    for (std::uint8_t& octet : octets) {
      octet = static_cast<std::uint8_t>(prng.below(prng.chance(0.8) ? 10 : 256));
    }
    const UdhInfo info = parse(octets);
    EXPECT_LE(info.header_size, octets.size());
    EXPECT_EQ(info.sound, info.header_size > 0);
    if (info.concatenated) {
      EXPECT_LE(info.sequence, info.total);
      EXPECT_GT(info.sequence, 0);
    }
    EXPECT_FALSE(udh_fault_text(info.fault).empty());
  }
}

}  // namespace
}  // namespace ringgate
