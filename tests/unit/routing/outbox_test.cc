#include "routing/outbox.h"

#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <vector>

#include "base/units.h"

namespace ringgate {
namespace {

BindRef bind_ref(std::uint32_t slot, std::uint16_t shard = 0) {
  return {LinkId::make(slot, 1), shard};
}

class OutboxTest : public testing::Test {
 protected:
  ~OutboxTest() override {
    while (outbox_.take_expired(never) != nullptr) {
    }
  }

  MessageRecord& record(BindRef submitter = {}) {
    MessageRecord& made = records_.emplace_back();
    made.link = {};
    made.id.value = records_.size();
    made.submitter = submitter.link;
    made.owner_shard = submitter.shard;
    made.home.attempts = 0;
    made.pinned = false;
    made.home.last_link = {};
    made.home.last_shard = 0;
    made.expires_at = seconds(3'600) + static_cast<Nanos>(records_.size());
    return made;
  }
  MessageRecord& push(BindRef submitter = {}) {
    MessageRecord& made = record(submitter);
    outbox_.push_back(made);
    return made;
  }
  /// The number of the record taken and where it goes; 0 when none was.
  std::uint64_t take(Nanos now = 0) {
    MessageRecord* const taken = outbox_.take(now, target_);
    return taken == nullptr ? 0 : taken->id.value;
  }

  std::deque<MessageRecord> records_;
  Outbox outbox_;
  BindRef target_;
};

// Aim: receipts leave in the order they came, and one put back in front leaves first again. Method:
// one bind with room for all.
TEST_F(OutboxTest, Order) {
  outbox_.add_bind(bind_ref(1), 10);
  for (int i = 0; i < 5; ++i) push();
  EXPECT_EQ(outbox_.waiting(), 5U);
  EXPECT_EQ(take(), 1U);
  EXPECT_EQ(take(), 2U);
  outbox_.push_front(records_[1]);
  for (const std::uint64_t wanted : {2U, 3U, 4U, 5U, 0U}) EXPECT_EQ(take(), wanted);
  EXPECT_EQ(outbox_.waiting(), 0U);
}

// Aim: nothing leaves without a bind, and what waited leaves when one comes.
TEST_F(OutboxTest, WaitsForABind) {
  push();
  EXPECT_EQ(take(), 0U);
  EXPECT_EQ(outbox_.deadline(0), records_[0].expires_at);
  outbox_.add_bind(bind_ref(1), 1);
  EXPECT_EQ(take(), 1U);
  EXPECT_EQ(target_, bind_ref(1));
}

// Aim: a bind never holds more than its window, and each end of an attempt frees one place. Method:
// fill, give back one by one; ends of binds that are gone change nothing.
TEST_F(OutboxTest, Window) {
  outbox_.add_bind(bind_ref(1), 3);
  for (int i = 0; i < 6; ++i) push();
  for (int i = 0; i < 3; ++i) EXPECT_NE(take(), 0U);
  EXPECT_EQ(take(), 0U);
  outbox_.give_back(bind_ref(2));
  EXPECT_EQ(take(), 0U);
  outbox_.give_back(bind_ref(1));
  EXPECT_EQ(take(), 4U);
  EXPECT_EQ(take(), 0U);
  outbox_.remove_bind(bind_ref(1));
  outbox_.give_back(bind_ref(1));
  EXPECT_EQ(outbox_.bind_count(), 0U);
  EXPECT_EQ(take(), 0U);
}

// Aim: "any" takes the bind with the smallest used share of its window. Method: windows of 2 and 8
// end with the same share.
TEST_F(OutboxTest, AnyTakesTheLeastLoaded) {
  outbox_.set_routing(ReceiptRouting::any);
  outbox_.add_bind(bind_ref(1), 2);
  outbox_.add_bind(bind_ref(2), 8);
  for (int i = 0; i < 10; ++i) push();
  std::map<std::uint32_t, int> carried;
  for (int i = 0; i < 5; ++i) {
    ASSERT_NE(take(), 0U);
    ++carried[target_.link.slot()];
  }
  EXPECT_EQ(carried[1], 1);
  EXPECT_EQ(carried[2], 4);
  for (int i = 0; i < 5; ++i) ASSERT_NE(take(), 0U);
  EXPECT_EQ(take(), 0U);
}

// Aim: round robin goes round, past binds without room. Method: three binds, one of them full.
TEST_F(OutboxTest, RoundRobin) {
  outbox_.set_routing(ReceiptRouting::round_robin);
  outbox_.add_bind(bind_ref(1), 100);
  outbox_.add_bind(bind_ref(2), 1);
  outbox_.add_bind(bind_ref(3), 100);
  for (int i = 0; i < 9; ++i) push();
  std::vector<std::uint32_t> slots;
  for (int i = 0; i < 7; ++i) {
    ASSERT_NE(take(), 0U);
    slots.push_back(target_.link.slot());
  }
  EXPECT_EQ(slots, (std::vector<std::uint32_t>{1, 2, 3, 1, 3, 1, 3}));
  outbox_.remove_bind(bind_ref(3));
  EXPECT_NE(take(), 0U);
  EXPECT_EQ(target_, bind_ref(1));
}

// Aim: "same_bind" waits for the submitting bind while that exists, and takes any other when it
// does not. Method: own bind full, then free, then gone.
TEST_F(OutboxTest, SameBind) {
  outbox_.set_routing(ReceiptRouting::same_bind);
  outbox_.add_bind(bind_ref(1), 1);
  outbox_.add_bind(bind_ref(2), 10);
  push(bind_ref(1));
  push(bind_ref(1));
  EXPECT_EQ(take(), 1U);
  EXPECT_EQ(target_, bind_ref(1));
  EXPECT_EQ(take(), 0U);
  outbox_.remove_bind(bind_ref(1));
  EXPECT_EQ(take(), 2U);
  EXPECT_EQ(target_, bind_ref(2));
  push(bind_ref(2, 1));  // The same link on another shard is another bind.
  EXPECT_EQ(take(), 3U);
  EXPECT_EQ(target_, bind_ref(2));
}

// Aim: after a failed attempt "same_bind" gives way too. Method: attempts counted, last bind named.
TEST_F(OutboxTest, SameBindAfterAFailure) {
  outbox_.set_routing(ReceiptRouting::same_bind);
  outbox_.add_bind(bind_ref(1), 10);
  outbox_.add_bind(bind_ref(2), 10);
  MessageRecord& failed = record(bind_ref(1));
  failed.home.attempts = 1;
  failed.home.last_link = bind_ref(1).link;
  outbox_.push_back(failed);
  EXPECT_EQ(take(), 1U);
  EXPECT_EQ(target_, bind_ref(2));
}

// Aim: receipts whose own bind is full hold up nobody, however many they are; order per bind stays.
// Method: 1,000 for a full bind in front of some for its sibling.
TEST_F(OutboxTest, AFullBindHoldsUpNobody) {
  outbox_.set_routing(ReceiptRouting::same_bind);
  outbox_.add_bind(bind_ref(1), 1);
  outbox_.add_bind(bind_ref(2), 10);
  for (int i = 0; i < 1'000; ++i) push(bind_ref(1));
  for (int i = 0; i < 3; ++i) push(bind_ref(2));
  EXPECT_EQ(take(), 1U);
  EXPECT_EQ(target_, bind_ref(1));
  for (const std::uint64_t wanted : {1'001U, 1'002U, 1'003U}) {
    EXPECT_EQ(take(), wanted);
    EXPECT_EQ(target_, bind_ref(2));
  }
  EXPECT_EQ(take(), 0U);
  outbox_.give_back(bind_ref(1));
  EXPECT_EQ(take(), 2U);
}

// Aim: what waited for a bind that goes waits for the others, in its order, the older ones first.
// Method: own receipts, and some of an earlier bind, older and newer than those.
TEST_F(OutboxTest, ABindLeavesItsReceiptsInOrder) {
  for (const bool older : {false, true}) {
    outbox_.set_routing(ReceiptRouting::same_bind);
    outbox_.add_bind(bind_ref(1), 10);
    if (!older)
      for (int i = 0; i < 2; ++i) push(bind_ref(9));
    for (int i = 0; i < 3; ++i) push(bind_ref(1));
    if (older)
      for (int i = 0; i < 2; ++i) push(bind_ref(9));
    outbox_.remove_bind(bind_ref(1));
    EXPECT_EQ(outbox_.waiting(), 5U);
    outbox_.add_bind(bind_ref(2), 10);
    for (std::uint64_t i = 5; i > 0; --i) EXPECT_EQ(take(), records_.size() - i + 1);
    outbox_.remove_bind(bind_ref(2));
  }
}

// Aim: a bind that ends with a window full of receipts without an answer gives them back in their
// order, in front of what never left: also those that expire at one time, those that are told of
// after others were handed out again, and into the list of what failed on a bind. Method: all four
// ways of an end: while it is still known, and not; and with every second one answered.
TEST_F(OutboxTest, AWindowComesBackInOrder) {
  for (const bool known : {false, true}) {
    for (const bool one_time : {false, true}) {
      const BindRef first = bind_ref(1), second = bind_ref(2);
      outbox_.add_bind(first, 10);
      const std::uint64_t begin = records_.size();
      for (int i = 0; i < 20; ++i) push().expires_at = seconds(3'600) + (one_time ? 0 : i);
      for (int i = 0; i < 10; ++i) ASSERT_EQ(take(), begin + static_cast<unsigned>(i) + 1);
      if (!known) outbox_.remove_bind(first);
      for (std::uint64_t i = 0; i < 10; i += 2) {
        MessageRecord& back = records_[begin + i];
        outbox_.give_back(first);
        back.home.attempts = 1;
        back.home.last_link = first.link;
        outbox_.push_front(back);
      }
      outbox_.remove_bind(first);
      outbox_.add_bind(second, 30);
      std::vector<std::uint64_t> wanted, got;
      for (std::uint64_t i = 1; i <= 20; ++i)
        if (i > 10 || i % 2 == 1) wanted.push_back(begin + i);
      while (const std::uint64_t one = take()) got.push_back(one);
      EXPECT_EQ(got, wanted) << known << one_time;
      outbox_.remove_bind(second);
    }
  }
}

// Aim: what comes back goes behind what is older, wherever it comes from. Method: two binds, the
// one with the younger receipts ends first.
TEST_F(OutboxTest, TwoBindsComeBackInOrder) {
  outbox_.add_bind(bind_ref(1), 3);
  for (int i = 0; i < 3; ++i) push();
  for (int i = 0; i < 3; ++i) take();
  outbox_.add_bind(bind_ref(2), 3);
  for (int i = 0; i < 4; ++i) push();
  for (int i = 0; i < 3; ++i) take();
  outbox_.remove_bind(bind_ref(2));
  for (std::size_t i = 3; i < 6; ++i) outbox_.push_front(records_[i]);
  outbox_.remove_bind(bind_ref(1));
  for (std::size_t i = 0; i < 3; ++i) outbox_.push_front(records_[i]);
  outbox_.add_bind(bind_ref(3), 30);
  for (std::uint64_t i = 1; i <= 7; ++i) EXPECT_EQ(take(), i);
}

// Aim: a receipt that only a full bind could take, because it failed on the free one, holds up
// nobody either. Method: one that failed on bind 1, while bind 2 is full.
TEST_F(OutboxTest, AFailedOneHoldsUpNobody) {
  outbox_.add_bind(bind_ref(1), 10);
  outbox_.add_bind(bind_ref(2), 1);
  push();
  push();
  ASSERT_EQ(take(), 1U);
  ASSERT_EQ(take(), 2U);
  ASSERT_EQ(target_, bind_ref(2));
  records_[0].home.attempts = 1;
  records_[0].home.last_link = bind_ref(1).link;
  outbox_.push_front(records_[0]);
  push();
  EXPECT_EQ(take(), 3U);
  EXPECT_EQ(target_, bind_ref(1));
  EXPECT_EQ(take(), 0U);
  outbox_.give_back(bind_ref(2));
  EXPECT_EQ(take(), 1U);
  EXPECT_EQ(target_, bind_ref(2));
}

// Aim: the bind that failed last is avoided while there is another, and taken when it is alone.
// Method: both policies that choose.
TEST_F(OutboxTest, AvoidsTheLastFailedBind) {
  for (const ReceiptRouting routing : {ReceiptRouting::any, ReceiptRouting::round_robin}) {
    Outbox outbox;
    outbox.set_routing(routing);
    outbox.add_bind(bind_ref(1), 10);
    outbox.add_bind(bind_ref(2), 10);
    for (int i = 0; i < 4; ++i) {
      MessageRecord& failed = record();
      failed.home.attempts = 1;
      failed.home.last_link = bind_ref(1).link;
      outbox.push_back(failed);
      ASSERT_NE(outbox.take(0, target_), nullptr);
      EXPECT_EQ(target_, bind_ref(2));
    }
    outbox.remove_bind(bind_ref(2));
    MessageRecord& failed = record();
    failed.home.attempts = 1;
    failed.home.last_link = bind_ref(1).link;
    outbox.push_back(failed);
    ASSERT_NE(outbox.take(0, target_), nullptr);
    EXPECT_EQ(target_, bind_ref(1));
  }
}

// Aim: a busy bind is left alone until its time, and the deadline says when that is; each time it
// is longer, up to a bound, until an attempt says that there is room. Method: the clock.
TEST_F(OutboxTest, Busy) {
  outbox_.add_bind(bind_ref(1), 10);
  EXPECT_EQ(outbox_.deadline(0), never);
  Nanos now = 0;
  push();
  for (const std::int64_t pause_ms : {2, 4, 8, 16, 32, 64, 128, 128}) {
    ASSERT_EQ(take(now), 1U);
    outbox_.give_back_busy(bind_ref(1), now);
    outbox_.push_front(records_[0]);
    EXPECT_EQ(outbox_.deadline(now), now + milliseconds(pause_ms));
    now += milliseconds(pause_ms);
    EXPECT_EQ(take(now - 1), 0U);
  }
  outbox_.give_back(bind_ref(1));
  EXPECT_EQ(take(now), 1U);
  outbox_.give_back_busy(bind_ref(1), now);
  outbox_.push_front(records_[0]);
  EXPECT_EQ(outbox_.deadline(now), now + milliseconds(2));
  outbox_.give_back_busy(bind_ref(9), now);
}

// Aim: what expires is found at the front of every list, and the deadline is that of the first.
// Method: receipts for any bind, for one that is full, and one that failed.
TEST_F(OutboxTest, Expiry) {
  outbox_.set_routing(ReceiptRouting::same_bind);
  outbox_.add_bind(bind_ref(1), 0);
  push(bind_ref(9)).expires_at = seconds(30);
  push(bind_ref(1)).expires_at = seconds(10);
  MessageRecord& failed = record();
  failed.home.attempts = 1;
  failed.home.last_link = bind_ref(1).link;
  failed.expires_at = seconds(20);
  outbox_.push_back(failed);
  for (const std::uint64_t wanted : {2U, 3U, 1U}) {
    const Nanos at = outbox_.deadline(0);
    EXPECT_EQ(at, records_[wanted - 1].expires_at);
    EXPECT_EQ(outbox_.take_expired(at - 1), nullptr);
    MessageRecord* const expired = outbox_.take_expired(at);
    ASSERT_NE(expired, nullptr);
    EXPECT_EQ(expired->id.value, wanted);
  }
  EXPECT_EQ(outbox_.deadline(0), never);
}

}  // namespace
}  // namespace ringgate
