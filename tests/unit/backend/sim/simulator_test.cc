#include "backend/sim/simulator.h"

#include <gtest/gtest.h>

#include <map>
#include <vector>

#include "simulator_world.h"

namespace ringgate::test {
namespace {

// Aim: the outcomes follow the weights, which need not add up to 1. Method: 20,000 messages with no
// delay, shares within five standard deviations.
TEST(Simulator, Mix) {
  SimOptions options;
  options.delay_ms = 0;
  options.outcomes = {.delivered = 6, .expired = 1, .undeliverable = 2, .rejected = 1};
  Simulator simulator(options, 10);
  simulator.on_start(1, {}, nullptr);
  Recorder recorder;
  give(simulator, recorder, 20'000);
  std::map<MessageState, double> share;
  for (const Report& report : recorder.reports) share[report.state] += 1.0 / 20'000;
  EXPECT_EQ(recorder.reports.size(), 20'000U);
  EXPECT_NEAR(share[MessageState::delivered], 0.6, 0.02);
  EXPECT_NEAR(share[MessageState::expired], 0.1, 0.012);
  EXPECT_NEAR(share[MessageState::undeliverable], 0.2, 0.015);
  EXPECT_NEAR(share[MessageState::rejected], 0.1, 0.012);
  EXPECT_EQ(share.count(MessageState::unknown), 0U);
  for (const Report& report : recorder.reports)
    EXPECT_EQ(report.error == 0, report.state == MessageState::delivered);
}

// Aim: every submit is answered once, and only those that may owe a receipt are reported. Method:
// one batch per wish.
TEST(Simulator, AnswersOnce) {
  SimOptions options;
  options.delay_ms = 5;
  for (const ReceiptWish wish : {ReceiptWish::none, ReceiptWish::always, ReceiptWish::on_failure}) {
    Simulator simulator(options, 100);
    simulator.on_start(1, {}, nullptr);
    Recorder recorder;
    give(simulator, recorder, 50, 0, wish);
    run(simulator, recorder);
    ASSERT_EQ(recorder.answers.size(), 50U);
    for (const auto& [slot, statuses] : recorder.answers)
      EXPECT_EQ(statuses, std::vector{Status::ESME_ROK}) << slot;
    EXPECT_EQ(recorder.reports.size(), wish == ReceiptWish::none ? 0U : 50U);
  }
}

// Aim: outcomes come after the delay of each distribution. Method: constant exactly (to the wheel's
// tick), uniform and exponential by mean and range.
TEST(Simulator, Delays) {
  for (const SimDelay distribution :
       {SimDelay::constant, SimDelay::uniform, SimDelay::exponential}) {
    SimOptions options;
    options.delay_ms = 400;
    options.delay_distribution = distribution;
    Simulator simulator(options, 10'000);
    simulator.on_start(1, {seconds(7), 0}, nullptr);
    Recorder recorder;
    give(simulator, recorder, 10'000, seconds(7));
    EXPECT_TRUE(recorder.reports.empty());
    run(simulator, recorder);
    ASSERT_EQ(recorder.reports.size(), 10'000U);
    double mean = 0;
    Nanos most = 0;
    for (const Report& report : recorder.reports) {
      mean += static_cast<double>(report.at - seconds(7)) / 1e6 / 10'000;
      most = std::max(most, report.at - seconds(7));
    }
    EXPECT_NEAR(mean, 400, 20);
    const Nanos bound = distribution == SimDelay::constant ? milliseconds(402) : milliseconds(802);
    EXPECT_EQ(most <= bound, distribution != SimDelay::exponential);
  }
}

// Aim: the error rate is met, and a refused submit is never reported. Method: share of refusals;
// slots of reports against slots of answers.
TEST(Simulator, ErrorRate) {
  SimOptions options;
  options.delay_ms = 0;
  options.submit_error_rate = 0.25;
  options.submit_error = Status::ESME_RTHROTTLED;
  Simulator simulator(options, 10);
  simulator.on_start(1, {}, nullptr);
  Recorder recorder;
  give(simulator, recorder, 10'000);
  double refused = 0;
  for (const auto& [slot, statuses] : recorder.answers)
    if (statuses.front() == Status::ESME_RTHROTTLED) refused += 1.0 / 10'000;
  EXPECT_NEAR(refused, 0.25, 0.025);
  for (const Report& report : recorder.reports)
    EXPECT_EQ(recorder.answers[report.slot].front(), Status::ESME_ROK);
}

// Aim: more than pending_max is refused as full, and room comes back with the outcomes. Method:
// overfill, run, fill again.
TEST(Simulator, Full) {
  SimOptions options;
  options.delay_ms = 10;
  Simulator simulator(options, 30);
  simulator.on_start(1, {}, nullptr);
  for (int round = 0; round < 3; ++round) {
    Recorder recorder;
    recorder.now = seconds(round);
    give(simulator, recorder, 40, seconds(round));
    int full = 0;
    for (const auto& [slot, statuses] : recorder.answers)
      full += statuses.front() == Status::ESME_RMSGQFUL ? 1 : 0;
    EXPECT_EQ(full, 10);
    run(simulator, recorder);
    EXPECT_EQ(recorder.reports.size(), 30U);
  }
}

// Aim: a seed repeats everything, another seed and another shard do not. Method: whole logs
// compared.
TEST(Simulator, Seeds) {
  const auto log_of = [](std::uint64_t seed, unsigned shard) {
    SimOptions options;
    options.delay_ms = 100;
    options.delay_distribution = SimDelay::exponential;
    options.outcomes = {.delivered = 1, .expired = 1};
    options.submit_error_rate = 0.1;
    options.seed = seed;
    Simulator simulator(options, 1'000);
    simulator.on_start(2, {}, nullptr);
    Recorder recorder(shard);
    give(simulator, recorder, 500);
    run(simulator, recorder);
    return recorder.reports;
  };
  EXPECT_EQ(log_of(7, 0), log_of(7, 0));
  EXPECT_NE(log_of(7, 0), log_of(8, 0));
  EXPECT_NE(log_of(7, 0), log_of(7, 1));
}

// Aim: outcomes that are due at once do not hold up a turn. Method: 10,000 of the same moment, told
// in slices, all of them in the end.
TEST(Simulator, OutcomesInSlices) {
  SimOptions options;
  options.delay_ms = 100;
  Simulator simulator(options, 10'000);
  simulator.on_start(1, {}, nullptr);
  Recorder recorder;
  give(simulator, recorder, 10'000);
  const Now now{milliseconds(200), 0};
  std::size_t calls = 0;
  for (std::size_t before = 0; simulator.deadline(0) <= now.mono; ++calls) {
    simulator.on_deadline(now, recorder);
    EXPECT_LE(recorder.reports.size() - before, 2'048U);
    before = recorder.reports.size();
  }
  EXPECT_GE(calls, 5U);
  EXPECT_EQ(recorder.reports.size(), 10'000U);
}

// ---- message states

// Aim: query answers ENROUTE until the outcome is due, then the outcome and its time, whether a
// receipt was wished for or not. Method: both kinds, before and after.
TEST_F(States, Query) {
  start();
  for (const ReceiptWish wish : {ReceiptWish::none, ReceiptWish::always}) {
    now_ = seconds(10);
    submit_one(wish);
    EXPECT_EQ(state(), MessageState::enroute);
    EXPECT_EQ(ask(operation({})).final_s, 0);
    advance(seconds(5));
    EXPECT_EQ(state(), MessageState::delivered);
    EXPECT_EQ(ask(operation({})).final_s, wall + 11);
    now_ = 0;
    simulator_->on_deadline(at(seconds(100)), recorder_);
  }
}

// Aim: an end is not told before it is reported, or a crash could make it another one. Method: the
// outcome is due, and the deadline has not been called yet.
TEST_F(States, NotBeforeItIsReported) {
  start();
  submit_one(ReceiptWish::always);
  now_ = seconds(5);
  EXPECT_EQ(state(), MessageState::enroute);
  EXPECT_TRUE(recorder_.reports.empty());
  simulator_->on_deadline(at(now_), recorder_);
  EXPECT_EQ(recorder_.reports.size(), 1U);
  EXPECT_EQ(state(), MessageState::delivered);
}

// Aim: ids that agree in their low bits are told apart, waiting and over. Method: an id of another
// shard, as after a restart, beside one of this; both are queried, one is cancelled.
TEST_F(States, AlikeIds) {
  start();
  const std::uint64_t old = (std::uint64_t{1} << 48) + 7;
  submit_one(ReceiptWish::always, old);
  submit_one(ReceiptWish::always, 7);
  EXPECT_EQ(status_of({.id = old}), Status::ESME_ROK);
  EXPECT_EQ(state(), MessageState::enroute);
  EXPECT_EQ(status_of({.kind = OperationKind::cancel, .id = old}), Status::ESME_ROK);
  EXPECT_EQ(ask(operation({.id = old})).state, MessageState::deleted);
  EXPECT_EQ(state(), MessageState::enroute);
  advance(seconds(5));
  EXPECT_EQ(state(), MessageState::delivered);
  EXPECT_EQ(recorder_.reports.size(), 2U);
}

// Aim: nobody learns of a message that is not his, nor of none. Method: wrong id, account, source;
// no source names any.
TEST_F(States, Foreign) {
  start();
  submit_one(ReceiptWish::none);
  EXPECT_EQ(status_of({}), Status::ESME_ROK);
  EXPECT_EQ(status_of({.source = ""}), Status::ESME_ROK);
  EXPECT_EQ(status_of({.id = 8}), Status::ESME_RINVMSGID);
  EXPECT_EQ(status_of({.account = "other"}), Status::ESME_RINVMSGID);
  EXPECT_EQ(status_of({.source = "1001"}), Status::ESME_RINVMSGID);
  EXPECT_EQ(status_of({.kind = OperationKind::cancel, .account = "other"}), Status::ESME_RINVMSGID);
  Operation elsewhere = operation({.kind = OperationKind::cancel});
  elsewhere.destination = {1, 1, "447700900124"};
  EXPECT_EQ(ask(elsewhere).status, Status::ESME_RINVMSGID);
  EXPECT_EQ(status_of({.kind = OperationKind::replace, .source = "1001"}), Status::ESME_RINVMSGID);
}

// Aim: a cancelled message is DELETED, its receipt says so at once, and no other comes; what is
// over cannot be cancelled. Method: with and without a receipt, twice each.
TEST_F(States, Cancel) {
  start();
  for (const ReceiptWish wish : {ReceiptWish::none, ReceiptWish::always}) {
    recorder_.reports.clear();
    submit_one(wish);
    EXPECT_EQ(status_of({.kind = OperationKind::cancel}), Status::ESME_ROK);
    EXPECT_EQ(state(), MessageState::deleted);
    EXPECT_EQ(status_of({.kind = OperationKind::cancel}), Status::ESME_RCANCELFAIL);
    EXPECT_EQ(status_of({.kind = OperationKind::replace}), Status::ESME_RREPLACEFAIL);
    advance(seconds(10));
    ASSERT_EQ(recorder_.reports.size(), wish == ReceiptWish::always ? 1U : 0U);
    if (wish == ReceiptWish::always) {
      EXPECT_EQ(recorder_.reports[0].state, MessageState::deleted);
    }
  }
}

// Aim: a cancel without an id takes all that waits between two addresses. Method: four messages,
// one of them over, one that nobody waits for, one scheduled; and another destination.
TEST_F(States, CancelByAddress) {
  start();
  submit_one(ReceiptWish::none, 7);
  advance(seconds(2));
  submit_one(ReceiptWish::none, 8);
  submit_one(ReceiptWish::always, 9);
  submit_one(ReceiptWish::none, 10, "000000010000000R");
  Operation all = operation({.kind = OperationKind::cancel});
  all.names_id = false;
  all.id = {};
  all.destination = {1, 1, "44"};
  EXPECT_EQ(ask(all).status, Status::ESME_RCANCELFAIL);
  all.destination.text = "447700900123";
  EXPECT_EQ(ask(all).status, Status::ESME_ROK);
  EXPECT_EQ(ask(all).status, Status::ESME_RCANCELFAIL);
  EXPECT_EQ(ask(operation({.id = 7})).state, MessageState::delivered);
  EXPECT_EQ(ask(operation({.id = 9})).state, MessageState::deleted);
  EXPECT_EQ(ask(operation({.id = 10})).state, MessageState::deleted);
  EXPECT_EQ(ask(operation({.id = 8})).state, MessageState::enroute);
  EXPECT_EQ(status_of({.kind = OperationKind::cancel, .id = 8}), Status::ESME_ROK);
  EXPECT_EQ(ask(operation({.id = 8})).state, MessageState::deleted);
}

// Aim: scheduled delivery is waited for, and validity_period ends what takes too long. Method: a
// message for in an hour; one valid for less than the delay; one scheduled beyond its validity.
TEST_F(States, TimesOfTheMessage) {
  start(60'000);
  submit_one(ReceiptWish::always, 7, "260101010000000+");
  EXPECT_EQ(state(), MessageState::scheduled);
  advance(seconds(3'600));
  EXPECT_EQ(state(), MessageState::enroute);
  advance(seconds(60));
  EXPECT_EQ(state(), MessageState::delivered);
  ASSERT_EQ(recorder_.reports.size(), 1U);
  EXPECT_EQ(recorder_.reports[0].at, seconds(3'660));

  submit_one(ReceiptWish::always, 7, {}, "000000000030000R");
  EXPECT_EQ(state(), MessageState::enroute);
  advance(seconds(31));
  EXPECT_EQ(state(), MessageState::expired);
  ASSERT_EQ(recorder_.reports.size(), 2U);
  EXPECT_EQ(recorder_.reports[1].state, MessageState::expired);

  submit_one(ReceiptWish::none, 7, "000000010000000R", "000000003000000R");
  EXPECT_EQ(state(), MessageState::scheduled);
  advance(seconds(1'801));
  EXPECT_EQ(state(), MessageState::expired);
}

// Aim: a replaced message keeps its new times. Method: one under way is given a shorter validity,
// one scheduled an earlier time.
TEST_F(States, Replace) {
  start(60'000);
  submit_one(ReceiptWish::always);
  Operation replace = operation({.kind = OperationKind::replace});
  replace.validity_period = "000000000010000R";
  EXPECT_EQ(ask(replace).status, Status::ESME_ROK);
  advance(seconds(11));
  EXPECT_EQ(state(), MessageState::expired);
  ASSERT_EQ(recorder_.reports.size(), 1U);
  EXPECT_EQ(recorder_.reports[0].state, MessageState::expired);

  submit_one(ReceiptWish::always, 7, "000000010000000R");
  replace.validity_period = {};
  replace.schedule_delivery_time = "000000000100000R";
  EXPECT_EQ(ask(replace).status, Status::ESME_ROK);
  advance(seconds(61));
  EXPECT_EQ(state(), MessageState::enroute);
  advance(seconds(60));
  EXPECT_EQ(state(), MessageState::delivered);
  EXPECT_EQ(status_of({.kind = OperationKind::replace}), Status::ESME_RREPLACEFAIL);
}

// Aim: an intermediate notification comes once, before the outcome. Method: a message that asks for
// it.
TEST_F(States, Intermediate) {
  start();
  submit_one(ReceiptWish::always, 7, {}, {}, true);
  advance(seconds(10));
  ASSERT_EQ(recorder_.reports.size(), 2U);
  EXPECT_EQ(recorder_.reports[0].state, MessageState::enroute);
  EXPECT_EQ(recorder_.reports[0].at, milliseconds(500));
  EXPECT_EQ(recorder_.reports[1].state, MessageState::delivered);
}

// Aim: broadcasts can be queried with their areas, and cancelled until they are over. Method: one
// cancelled, one that ends.
TEST_F(States, Broadcast) {
  start();
  const std::uint8_t tlvs[] = {0x06, 0x01, 0, 3, 0, 0, 0, 0x06, 0x06, 0, 2, 0, 'A'};
  Operation broadcast = operation({.kind = OperationKind::broadcast});
  broadcast.tlvs = tlvs;
  EXPECT_EQ(ask(broadcast).status, Status::ESME_ROK);
  EXPECT_EQ(status_of({.kind = OperationKind::query_broadcast, .id = 8}), Status::ESME_RINVMSGID);
  const OperationAnswer answer = ask(operation({.kind = OperationKind::query_broadcast}));
  EXPECT_EQ(answer.status, Status::ESME_ROK);
  EXPECT_EQ(answer.state, MessageState::enroute);
  EXPECT_EQ(recorder_.operation_tlvs,
            (std::vector<std::uint8_t>{0x06, 0x06, 0, 2, 0, 'A', 0x06, 0x08, 0, 1, 100}));
  EXPECT_EQ(status_of({.kind = OperationKind::cancel_broadcast}), Status::ESME_ROK);
  EXPECT_EQ(ask(operation({.kind = OperationKind::query_broadcast})).state, MessageState::deleted);
  broadcast.id = {9};
  EXPECT_EQ(ask(broadcast).status, Status::ESME_ROK);
  advance(seconds(5));
  EXPECT_EQ(ask(operation({.kind = OperationKind::query_broadcast, .id = 9})).state,
            MessageState::delivered);
  EXPECT_EQ(status_of({.kind = OperationKind::cancel_broadcast, .id = 9}),
            Status::ESME_RBCASTCANCELFAIL);
}

// Aim: the history forgets the oldest and mixes nothing up. Method: more messages than it has room
// for.
TEST_F(States, HistoryIsBounded) {
  options_.history = 1'024;
  start();
  for (std::uint64_t id = 1; id <= 2'000; ++id) submit_one(ReceiptWish::none, id);
  EXPECT_EQ(status_of({.id = 1}), Status::ESME_RINVMSGID);
  EXPECT_EQ(status_of({.id = 976}), Status::ESME_RINVMSGID);
  EXPECT_EQ(status_of({.id = 977}), Status::ESME_ROK);
  EXPECT_EQ(status_of({.id = 2'000}), Status::ESME_ROK);
}

// Aim: the generator sends its text at its rate, whatever the gaps between turns. Method: ten
// seconds at 5 per second; then an hour's sleep, which is not made up for in full.
TEST_F(States, MoGenerator) {
  options_.mo.rate = 5;
  options_.mo.destination = "4477";
  options_.mo.text = "hi";
  start();
  advance(seconds(10));
  EXPECT_EQ(recorder_.delivered.size(), 51U);
  EXPECT_EQ(recorder_.delivered.front(), "hi");
  now_ = seconds(3'610);
  simulator_->on_deadline(at(now_), recorder_);
  EXPECT_LE(recorder_.delivered.size(), 51U + 1'001U);
  EXPECT_GT(simulator_->deadline(0), now_);
}

}  // namespace
}  // namespace ringgate::test
