#include "shard/long_messages.h"

#include <gtest/gtest.h>

#include "house_world.h"

namespace ringgate {
namespace {

class LongMessagesTest : public testing::Test {
 protected:
  explicit LongMessagesTest(unsigned shards = 1)
      : world_({.count = shards, .accounts = {"one", "two"}}) {}

  MessageRecord& keep(std::uint8_t sequence, std::uint32_t account = 0) {
    MessageRecord* const record = world_.books.messages.begin(world_.books.ids.next(), account, {});
    record->kind = RecordKind::submit_sm;
    const std::uint8_t text[] = {5, 0, 3, 77, 2, sequence, 'a', 'b'};
    Content content;
    content.esm_class = 0x40;
    content.source.text = "447700900001";
    content.destination.text = "447700900002";
    content.text = text;
    parts_.keep(*record, content);
    return *record;
  }
  std::uint64_t octets(std::uint32_t account = 0) {
    return world_.books.uses.of(account).part_octets;
  }

  test::HouseWorld world_;
  LongMessages parts_{world_.house, world_.books.uses};
};

// Aim: the backend hears of the whole once the last part is accepted, in the order of the parts and
// not of their coming; what is kept meanwhile is counted, and given back with the answer. Method:
// the second part first.
TEST_F(LongMessagesTest, TheWholeIsTold) {
  MessageRecord& second = keep(2);
  MessageRecord& first = keep(1);
  EXPECT_EQ(octets(), 16U);
  parts_.answered(second, Status::ESME_ROK);
  parts_.tell();
  EXPECT_TRUE(world_.longs.empty());
  parts_.answered(first, Status::ESME_ROK);
  parts_.tell();
  EXPECT_EQ(world_.longs, std::vector<std::string>{"abab"});
  EXPECT_EQ(octets(), 0U);
  EXPECT_EQ(first.parcel, nullptr);
}

// Aim: a part that is refused is none. Method: refused and accepted, then the refused once more.
TEST_F(LongMessagesTest, ARefusedPartIsNone) {
  parts_.answered(keep(1), Status::ESME_RSYSERR);
  parts_.answered(keep(2), Status::ESME_ROK);
  parts_.tell();
  EXPECT_TRUE(world_.longs.empty());
  EXPECT_EQ(octets(), 0U);
  parts_.answered(keep(1), Status::ESME_ROK);
  parts_.tell();
  EXPECT_EQ(world_.longs.size(), 1U);
}

// Aim: what nobody has answered when the shard ends is freed (the address sanitizer sees a leak).
TEST_F(LongMessagesTest, UnansweredPartsEndWithTheShard) { keep(1); }

class LongMessagesElsewhere : public LongMessagesTest {
 protected:
  LongMessagesElsewhere() : LongMessagesTest(2) {}
};

// Aim: parts meet at their account's home, which may be another shard.
TEST_F(LongMessagesElsewhere, PartsTravelHome) {
  parts_.answered(keep(1, 1), Status::ESME_ROK);
  parts_.tell();
  ASSERT_EQ(world_.posted.size(), 1U);
  const auto& [shard, mail] = world_.posted.front();
  EXPECT_EQ(shard, 1U);
  EXPECT_EQ(mail.kind, static_cast<std::uint8_t>(MailKind::part));
  discard(mail);
}

}  // namespace
}  // namespace ringgate
