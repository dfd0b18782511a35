#include "load/report.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/units.h"

namespace ringgate::load {
namespace {

Report sample() {
  Report report;
  report.duration = seconds(2);
  report.submitted = 110;
  report.responses = 105;
  report.statuses.add(Status::ESME_ROK, 100);
  report.statuses.add(Status::ESME_RTHROTTLED, 4);
  report.statuses.add(static_cast<Status>(0x400));
  report.latency = {105, microseconds(10), microseconds(20), microseconds(30), microseconds(40)};
  report.receipts_requested = true;
  report.receipts.requested = 100;
  report.receipts.matched = 98;
  report.receipts.duplicate = 3;
  report.receipts.early = 2;
  report.receipts.unknown = 1;
  report.client_cpu = 10'500;
  report.connections = 4;
  report.connections_lost = 1;
  return report;
}

// Aim: programs find every figure under its documented name. Method: parses the line again.
TEST(ReportJson, HasEveryFigure) {
  const std::string text = report_json(sample());
  EXPECT_EQ(text.find('\n'), text.size() - 1);
  const auto json = nlohmann::json::parse(text);
  EXPECT_DOUBLE_EQ(json.at("duration_s").get<double>(), 2.0);
  EXPECT_EQ(json.at("submitted"), 110);
  EXPECT_EQ(json.at("responses"), 105);
  EXPECT_EQ(json.at("unanswered"), 5);
  EXPECT_EQ(json.at("accepted"), 100);
  EXPECT_EQ(json.at("throttled"), 4);
  EXPECT_DOUBLE_EQ(json.at("rate").get<double>(), 50.0);
  EXPECT_EQ(json.at("statuses"),
            nlohmann::json({{"ESME_ROK", 100}, {"ESME_RTHROTTLED", 4}, {"0x00000400", 1}}));
  EXPECT_EQ(json.at("receipts"), nlohmann::json({{"requested", 100},
                                                 {"matched", 98},
                                                 {"missing", 2},
                                                 {"duplicate", 3},
                                                 {"early", 2},
                                                 {"unknown", 1},
                                                 {"refused", 0},
                                                 {"given_up", 0}}));
  EXPECT_EQ(json.at("latency_us"),
            nlohmann::json({{"p50", 10.0}, {"p99", 20.0}, {"p999", 30.0}, {"max", 40.0}}));
  EXPECT_EQ(json.at("receipt_latency_us").at("p50"), 0.0);
  EXPECT_DOUBLE_EQ(json.at("client_cpu_ns_per_message").get<double>(), 100.0);
  EXPECT_EQ(json.at("connections"), 4);
  EXPECT_EQ(json.at("connections_lost"), 1);
  EXPECT_EQ(json.at("not_submitted"), 0);
}

// Aim: a run without any response gives figures, not infinities. Method: an empty report.
TEST(ReportJson, SurvivesAnEmptyRun) {
  const auto json = nlohmann::json::parse(report_json(Report{}));
  EXPECT_EQ(json.at("rate"), 0.0);
  EXPECT_EQ(json.at("client_cpu_ns_per_message"), 0.0);
  EXPECT_TRUE(json.at("statuses").is_object());
}

// Aim: each kind of loss makes a run unsound, and refused messages do not.
// Method: a sound report, spoilt in one way at a time.
TEST(Report, KnowsWhatIsALoss) {
  Report good;
  good.submitted = good.responses = 3;
  good.statuses.add(Status::ESME_ROK);
  good.statuses.add(Status::ESME_RTHROTTLED, 2);
  good.receipts.requested = good.receipts.matched = 1;
  EXPECT_TRUE(good.sound());
  Report bad = good;
  bad.submitted = 4;
  EXPECT_FALSE(bad.sound());
  bad = good;
  bad.receipts.matched = 0;
  EXPECT_FALSE(bad.sound());
  bad.receipts.refused = bad.receipts.given_up = 1;
  EXPECT_TRUE(bad.sound()) << "the server may give up what is refused";
  bad = good;
  bad.receipts.duplicate = 1;
  EXPECT_FALSE(bad.sound());
  bad = good;
  bad.connections_lost = 1;
  EXPECT_FALSE(bad.sound());
}

// Aim: people read the names of refusals, the losses, and for a single message its id and receipt.
// Method: looks for them in the text.
TEST(ReportText, TellsWhatMatters) {
  const std::string text = report_text(sample());
  EXPECT_NE(text.find("ESME_RTHROTTLED"), std::string::npos);
  EXPECT_NE(text.find("0x00000400"), std::string::npos);
  EXPECT_NE(text.find("UNANSWERED"), std::string::npos);
  EXPECT_NE(text.find("2 missing"), std::string::npos);

  Report one;
  one.submitted = one.responses = 1;
  one.statuses.add(Status::ESME_ROK);
  one.last_message_id = "0100af";
  one.receipts_requested = true;
  one.receipts.requested = one.receipts.matched = 1;
  one.last_receipt = "id:0100af stat:DELIVRD";
  const std::string first = report_text(one);
  EXPECT_NE(first.find("message_id 0100af"), std::string::npos);
  EXPECT_NE(first.find("stat:DELIVRD"), std::string::npos);
}

// Aim: equal latencies recorded as a run count as often as they came.
// Method: a sequence with runs, against the histogram's count and quantiles.
TEST(LatencyRecorder, CountsRuns) {
  LatencyRecorder recorder;
  for (int i = 0; i < 90; ++i) recorder.record(100);
  for (int i = 0; i < 10; ++i) recorder.record(1000);
  recorder.record(-5);
  EXPECT_EQ(recorder.histogram().count(), 101u);
  EXPECT_EQ(recorder.histogram().quantile(0.5), 100u);
  EXPECT_EQ(recorder.histogram().max(), 1000u);
  EXPECT_EQ(recorder.histogram().min(), 0u);
  EXPECT_EQ(recorder.histogram().count(), 101u);
}

// Aim: numbers are grouped, and durations have three digits and a fitting unit.
// Method: the edges of each.
TEST(Text, FormatsNumbers) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(1000), "1,000");
  EXPECT_EQ(grouped(1'234'567), "1,234,567");
  EXPECT_EQ(duration_text(0), "0 ns");
  EXPECT_EQ(duration_text(999), "999 ns");
  EXPECT_EQ(duration_text(1500), "1.50 us");
  EXPECT_EQ(duration_text(9'996), "10.0 us");
  EXPECT_EQ(duration_text(milliseconds(12)), "12.0 ms");
  EXPECT_EQ(duration_text(seconds(300)), "300 s");
}

// Aim: nothing in a run ends the script that holds it. Method: texts that would.
TEST(ReportHtml, KeepsWhatLooksLikeMarkupInside) {
  RunFacts facts;
  facts.options.emplace_back("server", "</script><script>alert(1)</script><!--");
  const std::string page = report_html(sample(), {}, facts);
  EXPECT_EQ(page.find("alert(1)</script>"), page.npos);
  const std::string_view head = "id=\"run\">";
  const std::size_t at = page.find(head) + head.size();
  const auto json = nlohmann::json::parse(page.substr(at, page.find("</script>", at) - at));
  EXPECT_EQ(json.at("options").at("server"), facts.options.front().second);
  EXPECT_EQ(json.at("submitted"), 110);
}

}  // namespace
}  // namespace ringgate::load
