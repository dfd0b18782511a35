#include "shard/safekeeping.h"

#include <gtest/gtest.h>

#include "house_world.h"

namespace ringgate {
namespace {

/// A shard's journal with the rooms that it needs and nothing else.
class SafekeepingTest : public testing::Test {
 protected:
  explicit SafekeepingTest(bool with_journal = true) : world_({.journal = with_journal}) {}

  MessageRecord& begin() {
    MessageRecord* const record = books_.messages.begin(books_.ids.next(), 0, {});
    record->kind = RecordKind::submit_sm;
    record->wish = ReceiptWish::always;
    record->tracked = true;
    books_.messages.note_open(*record);
    return *record;
  }
  MessageRecord& accept(std::string_view text = "hello") {
    MessageRecord& record = begin();
    Content content;
    content.source.text = "447700900001";
    content.destination.text = "447700900002";
    content.text = as_octets(text);
    EXPECT_EQ(safe_.admit(journal::accepted_size(content), 1), Status::ESME_ROK);
    safe_.accept(record, content);
    return record;
  }
  void report(MessageRecord& record) {
    record.stage.report();
    record.outcome = {MessageState::undeliverable, 7};
    record.done_s = world_.house.now.wall_s;
    safe_.keep_outcome(record);
  }
  void finish(MessageRecord& record) {
    safe_.end(record);
    books_.messages.release(record);
  }
  /// A turn ends, and the device does what it was told.
  void commit() {
    safe_.commit(0);
    while (!disk_.writes.empty()) {
      const journal::test::FakeDisk::Write write = disk_.writes.front();
      disk_.writes.pop_front();
      disk_.store(write);
      safe_.on_disk(write.token, static_cast<std::int64_t>(write.octets.size()));
      safe_.commit(0);
    }
  }
  std::uint64_t octets() { return world_.octets(); }

  test::HouseWorld world_;
  Books& books_ = world_.books;
  journal::test::FakeDisk& disk_ = world_.disk;
  Safekeeping safe_{world_.house, world_.books};
};

// Aim: what a message takes in the journal is its account's from its record to its end, and no
// longer; a replacement and a retry are counted with it or apart, and nothing is left. Method:
// every step once.
TEST_F(SafekeepingTest, OctetsComeAndGo) {
  MessageRecord& record = accept();
  const std::uint64_t accepted = octets();
  EXPECT_EQ(accepted, record.kept.octets());
  EXPECT_GT(accepted, 0U);
  journal::Replaced replaced;
  replaced.text = as_octets(std::string_view("another"));
  safe_.keep_replaced(replaced, record);
  safe_.keep_retry(record.slot, record.id, 1, 60);
  const std::uint64_t with_retry = octets();
  EXPECT_GT(with_retry, accepted);
  safe_.keep_retry(record.slot, record.id, 2, 120);
  EXPECT_EQ(octets(), with_retry);
  report(record);
  finish(record);
  EXPECT_EQ(octets(), 0U);
  // Of a message that is gone.
  safe_.keep_retry(0, MessageId{5}, 1, 60);
  EXPECT_EQ(octets(), 0U);
}

// Aim: how a message ended is known from its end on, for as long as states are kept. Method: one is
// asked for before its end, after it, and a day and a second later.
TEST_F(SafekeepingTest, EndsAreKnownForAWhile) {
  MessageRecord& record = accept();
  const NumberedId id{record.id, record.sequence};
  report(record);
  EXPECT_EQ(safe_.find_ended(id), nullptr);
  finish(record);
  const EndedMessage* const ended = safe_.find_ended(id);
  ASSERT_NE(ended, nullptr);
  EXPECT_EQ(ended->state, MessageState::undeliverable);
  EXPECT_EQ(ended->error, 7);
  EXPECT_EQ(ended->account, 0U);
  world_.house.now.mono += seconds(world_.house.options.journal->keep_states_s + 1);
  EXPECT_EQ(safe_.find_ended(id), nullptr);
}

// Aim: nothing is safe before the device says so. Method: a turn's end with a device that waits.
TEST_F(SafekeepingTest, SafeWhenTheDeviceSaysSo) {
  accept();
  const std::uint64_t batch = safe_.last();
  EXPECT_LT(safe_.durable(), batch);
  safe_.commit(0);
  EXPECT_LT(safe_.durable(), batch);
  EXPECT_FALSE(safe_.settled());
  commit();
  EXPECT_GE(safe_.durable(), batch);
  EXPECT_TRUE(safe_.settled());
  EXPECT_EQ(safe_.failure(), 0);
}

class WithoutJournal : public SafekeepingTest {
 protected:
  WithoutJournal() : SafekeepingTest(false) {}
};

// Aim: without a journal nothing is kept, and asking is harmless.
TEST_F(WithoutJournal, KeepsNothing) {
  EXPECT_FALSE(safe_.keeps());
  EXPECT_EQ(safe_.deadline(), never);
  const MessageRecord& record = begin();
  EXPECT_EQ(safe_.find_ended(NumberedId{record.id, record.sequence}), nullptr);
}

}  // namespace
}  // namespace ringgate
