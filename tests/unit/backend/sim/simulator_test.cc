#include "backend/sim/simulator.h"

#include <gtest/gtest.h>

#include <map>
#include <vector>

#include "base/units.h"

namespace ringgate {
namespace {

struct Report {
  std::uint32_t slot;
  MessageState state;
  std::uint16_t error;
  Nanos at;
  friend bool operator==(const Report&, const Report&) = default;
};

/// Plays the shard: keeps every reply with its time.
class Recorder final : public Replies {
 public:
  explicit Recorder(unsigned shard = 0) : shard_(shard) {}
  void answer(Ticket ticket, Status status) override { answers[ticket.slot].push_back(status); }
  void report(Ticket ticket, Outcome outcome) override {
    reports.push_back({ticket.slot, outcome.state, outcome.error, now});
  }
  unsigned shard() const override { return shard_; }

  std::map<std::uint32_t, std::vector<Status>> answers;
  std::vector<Report> reports;
  Nanos now = 0;

 private:
  unsigned shard_;
};

Submit submit(std::uint32_t slot, ReceiptWish wish = ReceiptWish::always) {
  Submit out;
  out.ticket = {slot, 1, 0};
  out.receipt = wish;
  return out;
}

void give(Simulator& simulator, Recorder& recorder, std::uint32_t count, Nanos now = 0,
          ReceiptWish wish = ReceiptWish::always) {
  std::vector<Submit> batch;
  for (std::uint32_t i = 0; i < count; ++i) batch.push_back(submit(i, wish));
  recorder.now = now;
  simulator.on_submits(batch, {now, 0}, recorder);
}

/// Runs the simulator's own deadlines until it has none.
void run(Simulator& simulator, Recorder& recorder) {
  for (;;) {
    const Nanos at = simulator.deadline(recorder.shard());
    if (at == never) return;
    recorder.now = std::max(recorder.now, at);
    simulator.on_deadline({recorder.now, 0}, recorder);
  }
}

// Aim: the outcomes follow the weights, which need not add up to 1. Method: 20,000 messages with no
// delay, shares within five standard deviations.
TEST(Simulator, Mix) {
  SimOptions options;
  options.delay_ms = 0;
  options.outcomes = {.delivered = 6, .expired = 1, .undeliverable = 2, .rejected = 1};
  Simulator simulator(options, 10);
  simulator.on_start(1, {});
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
    simulator.on_start(1, {});
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
    simulator.on_start(1, {seconds(7), 0});
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
  simulator.on_start(1, {});
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
  simulator.on_start(1, {});
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
    simulator.on_start(2, {});
    Recorder recorder(shard);
    give(simulator, recorder, 500);
    run(simulator, recorder);
    return recorder.reports;
  };
  EXPECT_EQ(log_of(7, 0), log_of(7, 0));
  EXPECT_NE(log_of(7, 0), log_of(8, 0));
  EXPECT_NE(log_of(7, 0), log_of(7, 1));
}

}  // namespace
}  // namespace ringgate
