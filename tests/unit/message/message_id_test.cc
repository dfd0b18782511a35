#include "message/message_id.h"

#include <gtest/gtest.h>

#include <cinttypes>
#include <cstdio>
#include <string>

#include "base/prng.h"
#include "message/record.h"

namespace ringgate {
namespace {

std::string text_of(MessageId id, std::uint8_t interface_version) {
  char text[message_id_text_max];
  const std::size_t size = write_message_id(id, interface_version, text);
  return {text, size};
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
    for (const int version : {0x34, 0x50, 0x51, 0xFF})
      ASSERT_EQ(text_of(id, static_cast<std::uint8_t>(version)), expected);
    const MessageIdText whole = to_text(id);
    ASSERT_EQ(std::string(whole.data(), whole.size()), expected);
    for (const int version : {0x00, 0x32, 0x33})
      ASSERT_EQ(text_of(id, static_cast<std::uint8_t>(version)),
                printed("%08" PRIx64, short_form(id)));
  }
}

// Aim: the short form holds 6 bits of shard and 26 of sequence, nothing of the node. Method: one
// bit set at a time.
TEST(MessageId, ShortForm) {
  EXPECT_EQ(short_form({0x0000000000000001}), 1u);
  EXPECT_EQ(short_form({0x0000000003FFFFFF}), 0x3FFFFFFu);
  EXPECT_EQ(short_form({0x0000000004000000}), 0u);
  EXPECT_EQ(short_form({0x0001000000000000}), 0x04000000u);
  EXPECT_EQ(short_form({0x003F000000000000}), 0xFC000000u);
  EXPECT_EQ(short_form({0x0040000000000000}), 0u);
  EXPECT_EQ(short_form({0xFF00000000000000}), 0u);
}

// Aim: ids carry node and shard, follow each other, and never run over into the shard's bits.
// Method: a source that begins at the last sequence.
TEST(MessageId, Source) {
  MessageIdSource source(0xAB, 0x05, static_cast<std::int64_t>(message_sequence_mask));
  EXPECT_EQ(source.next().value, 0xAB05FFFFFFFFFFFF);
  EXPECT_EQ(source.next().value, 0xAB05000000000000);
  EXPECT_EQ(source.next().value, 0xAB05000000000001);
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

}  // namespace
}  // namespace ringgate
