#include "message/message_id.h"

#include <gtest/gtest.h>

#include <array>
#include <cinttypes>
#include <cstdio>
#include <string>
#include <vector>

#include "base/prng.h"
#include "message/record.h"

namespace ringgate {
namespace {

std::string text_of(MessageId id, IdStyle style) {
  char text[message_id_text_max];
  const std::size_t size = write_message_id(id, style, text);
  return {text, size};
}

std::string text_of(MessageId id, int interface_version) {
  return text_of(id, IdStyle{static_cast<std::uint8_t>(interface_version), IdFormat::hex});
}

std::string printed(const char* format, std::uint64_t value) {
  char text[32];
  std::snprintf(text, sizeof text, format, value);
  return text;
}

// Aim: 16 lower-case hexadecimal digits for peers from 3.4 on, 8 for older ones. Method: against
// snprintf, on every value of each nibble and on random ids.
TEST(MessageId, Text) {
  std::vector<std::uint64_t> values{0, ~std::uint64_t{0}, 0x0123456789abcdef, 0xfedcba9876543210};
  for (unsigned nibble = 0; nibble < 16; ++nibble)
    for (std::uint64_t digit = 0; digit < 16; ++digit) values.push_back(digit << (4 * nibble));
  Prng prng(1);
  for (int round = 0; round < 10'000; ++round) values.push_back(prng.next());
  for (const std::uint64_t value : values) {
    const MessageId id{value};
    const std::string expected = printed("%016" PRIx64, value);
    for (const int version : {0x34, 0x50, 0x51, 0xFF}) ASSERT_EQ(text_of(id, version), expected);
    const MessageIdText whole = to_text(id);
    ASSERT_EQ(std::string(whole.data(), whole.size()), expected);
    for (const int version : {0x00, 0x32, 0x33})
      ASSERT_EQ(text_of(id, version), printed("%08" PRIx64, short_key(id, id.value)));
  }
}

// Aim: the formats an account may ask for, and eight digits below 3.4 whatever it asked for.
// Method: spelled out for the smallest, the largest and a middling id.
TEST(MessageId, Formats) {
  const MessageId middling{0x0123456789abcdef};
  const IdStyle decimal{0x34, IdFormat::decimal}, uuid{0x50, IdFormat::uuid};
  EXPECT_EQ(text_of({0}, decimal), "0");
  EXPECT_EQ(text_of(middling, decimal), "81985529216486895");
  EXPECT_EQ(text_of({~std::uint64_t{0}}, decimal), "18446744073709551615");
  EXPECT_EQ(text_of({0}, uuid), "00000000-0000-8000-8000-000000000000");
  EXPECT_EQ(text_of(middling, uuid), "01234567-89ab-8cde-8f00-000000000000");
  EXPECT_EQ(text_of({~std::uint64_t{0}}, uuid), "ffffffff-ffff-8fff-8f00-000000000000");
  for (const IdFormat format : {IdFormat::hex, IdFormat::decimal, IdFormat::uuid})
    EXPECT_EQ(text_of(middling, IdStyle{0x33, format}),
              printed("%08" PRIx64, short_key(middling, middling.value)));
}

// Aim: read_message_id(write_message_id(id)) is id, in every style; below 3.4 it is the short form
// and the shard can be told. Method: random ids.
TEST(MessageId, ReadsWhatItWrote) {
  Prng prng(2);
  for (int round = 0; round < 10'000; ++round) {
    const MessageId id{round == 0 ? 0 : round == 1 ? ~std::uint64_t{0} : prng.next()};
    for (const IdFormat format : {IdFormat::hex, IdFormat::decimal, IdFormat::uuid}) {
      const IdStyle style{0x34, format};
      const auto read = read_message_id(text_of(id, style), style);
      ASSERT_TRUE(read.has_value());
      ASSERT_EQ(read->id, id);
      ASSERT_FALSE(read->is_short);
      ASSERT_EQ(shard_of(*read), id.value >> 48 & 0xFF);

      const IdStyle old{0x33, format};
      const auto read_short = read_message_id(text_of(id, old), old);
      ASSERT_TRUE(read_short.has_value());
      ASSERT_EQ(read_short->id.value, short_key(id, id.value));
      ASSERT_TRUE(read_short->is_short);
      ASSERT_EQ(shard_of(*read_short), id.value >> 48 & 0x3F);
    }
  }
}

// Aim: nothing but an id of the style is read as one, and letters may be of either case. Method: a
// table of near misses.
TEST(MessageId, ReadsNothingElse) {
  struct Case {
    IdFormat format;
    std::uint8_t interface_version;
    const char* text;
  };
  const std::array refused{
      Case{IdFormat::hex, 0x34, ""},
      Case{IdFormat::hex, 0x34, "0123456789abcde"},
      Case{IdFormat::hex, 0x34, "00123456789abcdef"},
      Case{IdFormat::hex, 0x34, "0123456789abcdeg"},
      Case{IdFormat::hex, 0x34, "0x23456789abcdef"},
      Case{IdFormat::hex, 0x34, "+123456789abcdef"},
      Case{IdFormat::hex, 0x34, "-123456789abcdef"},
      Case{IdFormat::hex, 0x34, "89abcdef"},
      Case{IdFormat::hex, 0x33, "0123456789abcdef"},
      Case{IdFormat::hex, 0x33, "89abcde"},
      Case{IdFormat::decimal, 0x34, ""},
      Case{IdFormat::decimal, 0x34, "+1"},
      Case{IdFormat::decimal, 0x34, "-1"},
      Case{IdFormat::decimal, 0x34, "1 "},
      Case{IdFormat::decimal, 0x34, "18446744073709551616"},
      Case{IdFormat::uuid, 0x34, "0123456789abcdef"},
      Case{IdFormat::uuid, 0x34, "01234567-89ab-8cde-8f00-00000000000"},
      Case{IdFormat::uuid, 0x34, "01234567-89ab-8cde-8f00-000000000001"},
      Case{IdFormat::uuid, 0x34, "01234567-89ab-4cde-8f00-000000000000"},
      Case{IdFormat::uuid, 0x34, "01234567-89ab-8cde-9f00-000000000000"},
      Case{IdFormat::uuid, 0x34, "0123456789-ab-8cde-8f00-000000000000"},
      Case{IdFormat::uuid, 0x34, "0123456g-89ab-8cde-8f00-000000000000"},
  };
  for (const Case& miss : refused)
    EXPECT_FALSE(read_message_id(miss.text, {miss.interface_version, miss.format})) << miss.text;
  const MessageId id{0x0123456789abcdef};
  EXPECT_EQ(read_message_id("0123456789ABCDEF", {0x34, IdFormat::hex})->id, id);
  EXPECT_EQ(read_message_id("01234567-89AB-8CDE-8F00-000000000000", {0x34, IdFormat::uuid})->id,
            id);
  EXPECT_EQ(read_message_id("89ABCDEF", {0x33, IdFormat::hex})->id.value, 0x89abcdefu);
}

// Aim: the short form holds 6 bits of shard and 26 of sequence, nothing of the node. Method: one
// bit set at a time.
TEST(MessageId, ShortKey) {
  const auto key = [](std::uint64_t id) { return short_key({id}, id & message_sequence_mask); };
  EXPECT_EQ(key(0x0000000000000001), 1u);
  EXPECT_EQ(key(0x0000000003FFFFFF), 0x3FFFFFFu);
  EXPECT_EQ(key(0x0000000004000000), 0u);
  EXPECT_EQ(key(0x0001000000000000), 0x04000000u);
  EXPECT_EQ(key(0x003F000000000000), 0xFC000000u);
  EXPECT_EQ(key(0x0040000000000000), 0u);
  EXPECT_EQ(key(0xFF00000000000000), 0u);
}

// Aim: a receipt is owed exactly for the outcomes that the client asked for. Method: all
// combinations that matter, spelled out.
TEST(MessageRecord, WantsReceipt) {
  for (int state = 0; state <= 9; ++state) {
    const auto outcome = static_cast<MessageState>(state);
    const bool success = outcome == MessageState::delivered || outcome == MessageState::accepted;
    EXPECT_FALSE(wants_receipt(ReceiptWish::none, outcome));
    EXPECT_TRUE(wants_receipt(ReceiptWish::always, outcome));
    EXPECT_EQ(wants_receipt(ReceiptWish::on_failure, outcome), !success);
    EXPECT_EQ(wants_receipt(ReceiptWish::on_success, outcome), success);
  }
}

// Aim: an address is kept up to the 20 characters that submit_sm allows. Method: sizes around the
// limit.
TEST(StoredAddress, KeepsTwentyCharacters) {
  const std::string digits = "0123456789012345678901234567890";
  for (const std::size_t size : {0u, 1u, 19u, 20u, 21u, 31u}) {
    StoredAddress address;
    address.set({1, 8, std::string_view(digits).substr(0, size)});
    EXPECT_EQ(address.ton, 1);
    EXPECT_EQ(address.npi, 8);
    EXPECT_EQ(address.view(), digits.substr(0, size < 20 ? size : 20));
  }
}

// Aim: a sequence begins at the clock or behind what an earlier run has given out, known or not,
// whichever is later, also where the 48 bits have begun anew in between. Method: each case by hand.
TEST(MessageId, FirstSequence) {
  constexpr std::int64_t lap = std::int64_t{1} << 48;
  constexpr std::int64_t margin = unsafe_ids_max;
  constexpr std::int64_t now = 6 * lap + margin + 1'000;
  EXPECT_EQ(first_sequence(now, 0), now);
  EXPECT_EQ(first_sequence(now, 900), now);
  EXPECT_EQ(first_sequence(now, 1'005), now + 5);
  EXPECT_EQ(first_sequence(now, margin + 1'000), now + margin) << "the clock was set back";
  EXPECT_EQ(first_sequence(now, static_cast<std::uint64_t>(lap) - 7), now)
      << "given out before the lap ended";
  EXPECT_EQ(first_sequence(6 * lap - 3, 2), 6 * lap + margin + 2) << "and after it";
}

}  // namespace
}  // namespace ringgate
