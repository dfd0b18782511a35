#include "load/live_view.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "base/units.h"

namespace ringgate::load {
namespace {

LiveFacts facts_of_a_run() {
  LiveFacts facts;
  facts.elapsed = seconds(15);
  facts.length = seconds(60);
  facts.rate = 50'012;
  facts.accepted = 750'000;
  facts.throttled = 7;
  facts.open = 12;
  facts.receipts = 700'000;
  facts.with_receipts = true;
  for (std::uint64_t i = 1; i <= 70; ++i) {
    Second second;
    second.size = seconds(1);
    second.submitted = i * 1000;
    second.latency = {i, milliseconds(1), milliseconds(2), milliseconds(3), milliseconds(4)};
    facts.seconds.push_back(second);
  }
  return facts;
}

// Aim: heights are those of the values, the highest that of the greatest. Method: both kinds of
// characters; nothing, and nothing but zeros.
TEST(Sparkline, RisesWithItsValues) {
  EXPECT_EQ(sparkline({0, 1, 2, 7}, true), "▁▂▃█");
  EXPECT_EQ(sparkline({0, 1, 2, 7}, false), "_.-#");
  EXPECT_EQ(sparkline({0, 0}, false), "__");
  EXPECT_EQ(sparkline({}, true), "");
}

// Aim: what a run is at can be read off. Method: its lines.
TEST(LiveView, TellsWhatGoesOn) {
  const std::string view = live_view(facts_of_a_run(), 120, false);
  EXPECT_EQ(view.substr(0, view.find('\n')),
            "time      [=======>                      ] 15.0 s of 60.0 s");
  EXPECT_NE(view.find("submits   50,012/s   ....-"), std::string::npos) << view;
  EXPECT_NE(view.find("latency   p50 1.00 ms   p99 2.00 ms   ####"), std::string::npos) << view;
  EXPECT_NE(view.find("answers   ok 750,000   throttled 7   errors 0   open 12\n"),
            std::string::npos)
      << view;
  EXPECT_NE(view.find("receipts  700,000\n"), std::string::npos) << view;
  EXPECT_EQ(view.find("limited"), std::string::npos) << view;
  EXPECT_EQ(view.find("binds"), std::string::npos) << view;
}

// Aim: a second that this program has limited is told, and what is waited for at the end. Method:
// such facts.
TEST(LiveView, TellsWhatIsWrong) {
  LiveFacts facts = facts_of_a_run();
  facts.seconds.back().around.steal = 0.5;
  facts.stage = "receipts";
  const std::string view = live_view(facts, 120, true);
  EXPECT_NE(view.find("limited   by this program and its CPU: steal\n"), std::string::npos) << view;
  EXPECT_EQ(view.substr(0, view.find('\n')), "time      15.0 s   waiting for the last receipts");
}

// Aim: no line is longer than the terminal, where it would be two, and no character is torn.
// Method: every width, with characters of three octets.
TEST(LiveView, KeepsToItsColumns) {
  const LiveFacts facts = facts_of_a_run();
  for (unsigned columns = 1; columns < 100; ++columns) {
    std::istringstream lines(live_view(facts, columns, true));
    for (std::string line; std::getline(lines, line);) {
      const auto begins = [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; };
      EXPECT_LT(std::ranges::count_if(line, begins), static_cast<int>(columns)) << line;
      const std::size_t last = line.find_last_of("\xE2");
      EXPECT_TRUE(last == line.npos || line.size() - last >= 3) << line;
    }
  }
}

// Aim: binds that are held, with and without coming back. Method: the line of a log, and the view.
TEST(LiveView, TellsOfIdleBinds) {
  LiveFacts facts;
  facts.elapsed = seconds(2);
  facts.idle = true;
  facts.binds = 2000;
  EXPECT_EQ(progress_line(facts), "   2.0 s   2,000 binds open");
  facts.with_rebinds = true;
  facts.rebinds = 3;
  EXPECT_EQ(progress_line(facts), "   2.0 s   2,000 binds open   bound again 3");
  EXPECT_EQ(live_view(facts, 80, false), "time      2.0 s\nbinds     2,000 open   bound again 3\n");
}

}  // namespace
}  // namespace ringgate::load
