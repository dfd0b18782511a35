// Aim: a requirement says what it says, a typo is told, and what was not measured meets nothing.
#include "load/requirement.h"

#include <gtest/gtest.h>

#include "base/units.h"

namespace ringgate::load {
namespace {

Report measured() {
  Report report;
  report.duration = seconds(2);
  report.submitted = report.responses = 20'000;
  report.statuses.add(Status::ESME_ROK, 19'990);
  report.statuses.add(Status::ESME_RTHROTTLED, 10);
  report.latency = {20'000, microseconds(100), milliseconds(5), milliseconds(7), milliseconds(9)};
  report.receipts_requested = true;
  report.receipts.requested = 19'990;
  report.receipts.matched = 19'989;
  return report;
}

bool is_met(std::string_view text, const Report& report = measured()) {
  std::string fault;
  const auto requirement = Requirement::parse(text, fault);
  EXPECT_TRUE(requirement) << fault;
  return requirement && requirement->is_met(report);
}

std::string fault_of(std::string_view text) {
  std::string fault;
  EXPECT_TRUE(parse_requirements(text, fault).empty()) << text;
  return fault;
}

// Method: each comparison just below, at and above what was measured.
TEST(Requirement, Compares) {
  EXPECT_TRUE(is_met("p99<5001us"));
  EXPECT_FALSE(is_met("p99<5ms"));
  EXPECT_TRUE(is_met("p99<=5ms"));
  EXPECT_FALSE(is_met("p99<=4.9ms"));
  EXPECT_TRUE(is_met("p99=0.005s"));
  EXPECT_FALSE(is_met("max>9000us"));
  EXPECT_TRUE(is_met("max>=9000000ns"));
  EXPECT_TRUE(is_met("max==9ms"));
  EXPECT_TRUE(is_met("rate>=9k"));
  EXPECT_FALSE(is_met("rate>10k"));
  EXPECT_TRUE(is_met("submitted=0.02m"));
}

TEST(Requirement, EveryMetric) {
  Report report = measured();
  report.receipt_latency = {1, 1, 2, 3, 4};
  report.not_submitted = 3;
  report.connections_lost = 2;
  for (const char* const right :
       {"p50=100us", "p999=7ms", "p99.9=7ms", "receipt_p50=1ns", "receipt_p99=2ns",
        "receipt_p99.9=3ns", "receipt_max=4ns", "accepted=19990", "refused=10", "throttled=10",
        "unanswered=0", "not_submitted=3", "connections_lost=2", "missing=1", "duplicate=0",
        "early=0", "unknown=0"})
    EXPECT_TRUE(is_met(right, report)) << right;
}

// Aim: no data must fail, whatever the comparison.
TEST(Requirement, WithoutSamples) {
  for (const char* const text : {"p99<1s", "p99>=0ns", "receipt_p99<1s", "rate>=0"})
    EXPECT_FALSE(is_met(text, Report{})) << text;
  std::string fault;
  EXPECT_EQ(Requirement::parse("p99<1s", fault)->figure_text(Report{}), "no samples");
}

TEST(Requirement, Several) {
  std::string fault;
  const auto all = parse_requirements("p99<5ms,missing=0,rate>1k", fault);
  EXPECT_EQ(fault, "");
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[1].text(), "missing=0");
  EXPECT_EQ(all[1].of(), RequiredOf::receipts);
  EXPECT_EQ(all[2].of(), RequiredOf::every_run);
  EXPECT_EQ(all[0].figure_text(measured()), "5.00 ms");
  EXPECT_EQ(all[1].figure_text(measured()), "1");
}

TEST(Requirement, Mistakes) {
  EXPECT_EQ(fault_of("p99"), "p99: expected a comparison, such as p99<5ms or missing=0");
  EXPECT_EQ(fault_of(""), ": expected a comparison, such as p99<5ms or missing=0");
  EXPECT_EQ(fault_of("p99<5ms,"), ": expected a comparison, such as p99<5ms or missing=0");
  EXPECT_EQ(fault_of("mising=0"), "mising=0: did you mean missing?");
  EXPECT_NE(fault_of("speed>1").find("expected one of p50 p99"), std::string::npos);
  const std::string unit = "expected a duration with its unit, such as 500us, 5ms or 1s";
  for (const std::string text :
       {"p99<5", "p99<", "p99<ms", "p99<5 ms", "p99<-5ms", "p99<nanms", "p99<5msx", "p99=>5ms"})
    EXPECT_EQ(fault_of(text), text + ": " + unit);
  for (const std::string text : {"missing=", "missing=x", "missing=1ms", "rate>1kk", "rate>inf"})
    EXPECT_EQ(fault_of(text), text + ": expected a number, such as 0, 500, 50k or 1m");
}

}  // namespace
}  // namespace ringgate::load
