// Cancels of everything between two addresses.
#include "backend/sim/cancels.h"

#include <gtest/gtest.h>

#include "simulator_world.h"

namespace ringgate::test {
namespace {

class CancelsTest : public States {
 protected:
  CancelsTest() { pending_max_ = 200'000; }
  void submit_many(std::uint64_t count, std::uint64_t first, std::string_view account = "esme") {
    for (std::uint64_t i = 0; i < count; ++i)
      submit_changed(first + i, [&](Submit& one) { one.system_id = account; });
  }
  std::vector<Status> answers(std::uint32_t slot) { return recorder_.operation_answers[slot]; }
  /// One call of on_deadline at the present moment; how many were cancelled in it.
  void operate(const Operation& operation) {
    simulator_->on_operations({&operation, 1}, at(now_), recorder_);
  }
  std::size_t slice() {
    const std::size_t before = recorder_.reports.size();
    simulator_->on_deadline(at(now_), recorder_);
    return recorder_.reports.size() - before;
  }
};

// Aim: a cancel of very much is done in slices, others are served in between, and what is submitted
// after it is not meant. Method: a hundred thousand; queries, a submit and a cancel by id between
// the slices.
TEST_F(CancelsTest, InSlices) {
  start(60'000);
  submit_many(100'000, 1);
  EXPECT_EQ(simulator_->deadline(0) > now_, true);
  operate(cancel_between("1000", "447700900123", "esme", 5));
  EXPECT_EQ(recorder_.reports.size(), Cancels::slice_max);
  EXPECT_TRUE(answers(5).empty()) << "not before all is done";
  submit_many(1, 200'000);
  EXPECT_EQ(status_of({.kind = OperationKind::cancel, .id = 99'999}), Status::ESME_ROK);
  std::size_t slices = 0;
  while (simulator_->deadline(0) <= now_) {
    EXPECT_TRUE(answers(5).empty());
    EXPECT_LE(slice(), Cancels::slice_max);
    ++slices;
    EXPECT_EQ(state_of(200'000), MessageState::enroute);
  }
  EXPECT_GE(slices, 100'000 / Cancels::slice_max - 1);
  EXPECT_EQ(answers(5), std::vector{Status::ESME_ROK});
  EXPECT_EQ(recorder_.reports.size(), 100'000U);
  for (const Report& report : recorder_.reports) EXPECT_EQ(report.state, MessageState::deleted);
  EXPECT_EQ(state_of(200'000), MessageState::enroute);
}

// Aim: a slice is all there is to an ordinary cancel. Method: as many as a slice has; none.
TEST_F(CancelsTest, AtOnce) {
  start(60'000);
  submit_many(Cancels::slice_max, 1);
  EXPECT_EQ(ask(cancel_between("1000", "447700900123")).status, Status::ESME_ROK);
  EXPECT_EQ(recorder_.reports.size(), Cancels::slice_max);
  EXPECT_EQ(simulator_->deadline(0), never);
  EXPECT_EQ(ask(cancel_between("1000", "447700900123")).status, Status::ESME_RCANCELFAIL);
}

// Aim: the cancels under way are bounded, an account cannot have them all, and what is done at once
// needs no place. Method: nine accounts, each with one more than it may have.
TEST_F(CancelsTest, Bounded) {
  start(60'000);
  constexpr std::uint32_t accounts = Cancels::count_max / Cancels::count_of_account_max + 1;
  std::uint32_t throttled = 0;
  for (std::uint32_t i = 0; i < accounts; ++i) {
    const std::string account = "account" + std::to_string(i);
    submit_many(5'000, 10'000 * (i + 1), account);
    submit_changed(i, [&](Submit& one) {
      one.system_id = account;
      one.destination.text = "4412";
    });
    for (std::uint32_t j = 0; j <= Cancels::count_of_account_max; ++j) {
      const std::uint32_t slot = 100 * i + j;
      operate(cancel_between("1000", "447700900123", account, slot));
      const bool has_place = j < Cancels::count_of_account_max && i + 1 < accounts;
      EXPECT_EQ(answers(slot).empty(), has_place) << i << ' ' << j;
      if (!has_place) {
        EXPECT_EQ(answers(slot), std::vector{Status::ESME_RTHROTTLED});
        ++throttled;
      }
    }
    EXPECT_EQ(ask(cancel_between("1000", "4412", account, 100'000)).status, Status::ESME_ROK);
  }
  EXPECT_EQ(throttled, accounts - 1 + Cancels::count_of_account_max + 1);
  while (simulator_->deadline(0) <= now_) slice();
  EXPECT_EQ(answers(0), std::vector{Status::ESME_ROK});
  EXPECT_EQ(recorder_.reports.size(), (accounts - 1) * 5'000U + accounts);
}

// Aim: a cancel that names a service_type means messages of it (5.0 §4.5.1). Method: two kinds
// between the same addresses, cancelled one after the other.
TEST_F(CancelsTest, ServiceType) {
  start();
  submit_changed(7, [](Submit& one) { one.service_type = "VMN"; });
  submit_changed(8, [](Submit& one) { one.service_type = "WAP"; });
  submit_changed(9, [](Submit&) {});
  Operation cancel = cancel_between("1000", "447700900123");
  cancel.service_type = "USSD";
  EXPECT_EQ(ask(cancel).status, Status::ESME_RCANCELFAIL);
  cancel.service_type = "VMN";
  EXPECT_EQ(ask(cancel).status, Status::ESME_ROK);
  EXPECT_EQ(state_of(7), MessageState::deleted);
  EXPECT_EQ(state_of(8), MessageState::enroute);
  EXPECT_EQ(state_of(9), MessageState::enroute);
  cancel.service_type = "";
  EXPECT_EQ(ask(cancel).status, Status::ESME_ROK);
  EXPECT_EQ(state_of(8), MessageState::deleted);
  EXPECT_EQ(state_of(9), MessageState::deleted);
}

// Aim: of the destinations of a submit_multi, which share an id, the named one is meant. Method:
// two destinations, one cancelled by id and destination.
TEST_F(CancelsTest, OneOfAMulti) {
  start();
  for (const std::string_view destination : {"4411", "4412"})
    submit_changed(7, [&](Submit& one) {
      one.ticket.slot = destination == "4411" ? 11 : 12;
      one.destination.text = destination;
    });
  Operation cancel = operation({.kind = OperationKind::cancel});
  cancel.destination = {1, 1, "4411"};
  EXPECT_EQ(ask(cancel).status, Status::ESME_ROK);
  ASSERT_EQ(recorder_.reports.size(), 1U);
  EXPECT_EQ(recorder_.reports[0].slot, 11U);
  EXPECT_EQ(ask(cancel).status, Status::ESME_RCANCELFAIL);
  EXPECT_EQ(state(), MessageState::enroute);
}

}  // namespace
}  // namespace ringgate::test
