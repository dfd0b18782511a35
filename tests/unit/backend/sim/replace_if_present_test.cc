// replace_if_present_flag (5.0 §4.7.23, 3.4 §5.2.18).
#include <gtest/gtest.h>

#include "simulator_world.h"

namespace ringgate::test {
namespace {

class ReplaceIfPresent : public States {
 protected:
  template <class F>
  void submit_over(std::uint64_t id, F&& f) {
    submit_changed(id, [&](Submit& one) {
      one.replace_if_present_flag = 1;
      f(one);
    });
  }
  void submit_over(std::uint64_t id) {
    submit_over(id, [](Submit&) {});
  }
};

// Aim: the new message takes the place of the one that waits: that ends as DELETED and is reported
// so, once; the new one has its own id, times and outcome. Method: one after the other, an hour
// later; then a third.
TEST_F(ReplaceIfPresent, EndsTheEarlierOne) {
  start();
  submit_one(ReceiptWish::always, 7, "000000020000000R");
  submit_over(8, [](Submit& one) { one.schedule_delivery_time = "000000010000000R"; });
  ASSERT_EQ(recorder_.reports.size(), 1U);
  EXPECT_EQ(recorder_.reports[0].slot, 7U);
  EXPECT_EQ(recorder_.reports[0].state, MessageState::deleted);
  EXPECT_EQ(recorder_.answers[8], std::vector{Status::ESME_ROK});
  EXPECT_EQ(state_of(7), MessageState::deleted);
  EXPECT_EQ(state_of(8), MessageState::scheduled);
  EXPECT_EQ(status_of({.kind = OperationKind::cancel, .id = 7}), Status::ESME_RCANCELFAIL);
  submit_over(9);
  EXPECT_EQ(state_of(8), MessageState::deleted);
  advance(seconds(10'000));
  ASSERT_EQ(recorder_.reports.size(), 3U);
  EXPECT_EQ(recorder_.reports[2].slot, 9U);
  EXPECT_EQ(recorder_.reports[2].state, MessageState::delivered);
  submit_over(10);
  EXPECT_EQ(state_of(9), MessageState::delivered) << "it was over";
}

// Aim: of several, the newest is replaced; and one that nobody wants to hear of ends without a
// report. Method: two scheduled ones without receipts.
TEST_F(ReplaceIfPresent, TheNewest) {
  start();
  submit_one(ReceiptWish::none, 7, "000000020000000R");
  submit_one(ReceiptWish::none, 8, "000000010000000R");
  submit_over(9);
  EXPECT_EQ(state_of(7), MessageState::scheduled);
  EXPECT_EQ(state_of(8), MessageState::deleted);
  EXPECT_TRUE(recorder_.reports.empty());
}

// Aim: only what agrees in everything is replaced. Method: one difference each; and without the
// flag.
TEST_F(ReplaceIfPresent, NothingElse) {
  start();
  submit_one(ReceiptWish::always, 7);
  submit_one(ReceiptWish::always, 8);
  submit_over(9, [](Submit& one) { one.service_type = "VMN"; });
  submit_over(10, [](Submit& one) { one.source.text = "1001"; });
  submit_over(11, [](Submit& one) { one.source.ton = 5; });
  submit_over(12, [](Submit& one) { one.destination.text = "337700900123"; });
  submit_over(13, [](Submit& one) { one.system_id = "other"; });
  EXPECT_TRUE(recorder_.reports.empty());
  submit_over(14, [](Submit& one) { one.service_type = "VMN"; });
  ASSERT_EQ(recorder_.reports.size(), 1U);
  EXPECT_EQ(recorder_.reports[0].slot, 9U);
}

// Aim: the parts of a long message do not replace each other, and a restart replaces nothing anew.
// Method: two parts with a header, two with sar_* TLVs; a restored message.
TEST_F(ReplaceIfPresent, PartsAndRestored) {
  start();
  for (const std::uint8_t part : {std::uint8_t{1}, std::uint8_t{2}}) {
    const std::uint8_t text[] = {5, 0, 3, 9, 2, part, 'x'};
    submit_over(part, [&](Submit& one) {
      one.esm_class = 0x40;
      one.text = text;
    });
    const std::uint8_t tlvs[] = {0x02, 0x0C, 0, 2,    0,    9, 0x02, 0x0E,
                                 0,    1,    2, 0x02, 0x0F, 0, 1,    part};
    submit_over(std::uint64_t{10} + part, [&](Submit& one) { one.tlvs = tlvs; });
  }
  submit_over(20, [](Submit& one) { one.restored = true; });
  EXPECT_TRUE(recorder_.reports.empty());
}

// Aim: a replacement needs no more room than it makes. Method: as many waiting as may.
TEST_F(ReplaceIfPresent, WhenFull) {
  pending_max_ = 2;
  start();
  submit_one(ReceiptWish::always, 7);
  submit_changed(8, [](Submit& one) { one.destination.text = "4412"; });
  submit_changed(9, [](Submit& one) { one.destination.text = "4413"; });
  EXPECT_EQ(recorder_.answers[9], std::vector{Status::ESME_RMSGQFUL});
  submit_over(10);
  EXPECT_EQ(recorder_.answers[10], std::vector{Status::ESME_ROK});
  EXPECT_EQ(state_of(7), MessageState::deleted);
  EXPECT_EQ(state_of(10), MessageState::enroute);
}

}  // namespace
}  // namespace ringgate::test
