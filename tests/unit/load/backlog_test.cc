#include "load/backlog.h"

#include <gtest/gtest.h>

#include "base/units.h"
#include "load/full_windows.h"

namespace ringgate::load {
namespace {

/// Ten seconds at 1,000 a second; `open` says how many are unanswered at a time.
template <class Open>
double growth_of(Open open, Nanos until = seconds(10), std::uint64_t rate = 1'000) {
  Backlog backlog;
  backlog.start(0, until);
  for (Nanos now = 0; now <= until; now += milliseconds(50)) {
    const std::uint64_t due = rate * static_cast<std::uint64_t>(now / 1'000'000) / 1'000;
    backlog.note(now, due, due - std::min(due, static_cast<std::uint64_t>(open(now))));
  }
  return backlog.growth();
}

std::uint64_t per_second(Nanos now, std::uint64_t rate) {
  return rate * static_cast<std::uint64_t>(now / 1'000'000) / 1'000;
}

// Aim: a server that is slower than the rate is known by it though no window is ever full.
// Method: a tenth of what is due stays open.
TEST(Backlog, GrowsInLargeWindows) {
  EXPECT_NEAR(growth_of([](Nanos now) { return per_second(now, 100); }), 100, 5);
}

// Aim: what is under way, however much, is no growth; nor is chance, nor a pause of the server.
// Method: a second of delay; batches; a stop of 300 ms shortly before the end; less than 1 %.
TEST(Backlog, KnowsWhatIsNone) {
  EXPECT_EQ(growth_of([](Nanos) { return 1'000; }), 0);
  EXPECT_EQ(growth_of([](Nanos now) { return now % milliseconds(100) == 0 ? 0 : 500; }), 0);
  EXPECT_EQ(growth_of([](Nanos now) {
              const bool stopped = now > milliseconds(9'500) && now < milliseconds(9'800);
              return stopped ? per_second(now - milliseconds(9'500), 1'000) : 3;
            }),
            0);
  EXPECT_EQ(growth_of([](Nanos now) { return per_second(now, 9); }), 0);
  EXPECT_EQ(growth_of([](Nanos now) { return now > seconds(5) ? 4 : 0; }, seconds(10), 10), 0);
}

// Aim: who begins to lag only when a ramp has become steep is known too. Method: the last second.
TEST(Backlog, GrowsAtTheEnd) {
  EXPECT_GT(
      growth_of([](Nanos now) { return now > seconds(8) ? per_second(now - seconds(8), 500) : 0; }),
      0);
}

// Aim: of a run too short to say, nothing is said. Method: half a second; no end that is known.
TEST(Backlog, SaysNothingOfShortRuns) {
  const auto all = [](Nanos now) { return per_second(now, 1'000); };
  EXPECT_EQ(growth_of(all, milliseconds(500)), 0);
  Backlog backlog;
  backlog.start(0, never);
  for (int i = 0; i < 1'000; ++i)
    backlog.note(milliseconds(50) * i, static_cast<std::uint64_t>(i) * 50, 0);
  EXPECT_EQ(backlog.growth(), 0);
}

// Aim: only what waited for a window is the server's. Method: windows that were full from one time
// to another, and messages that were meant for before, meanwhile and after.
TEST(FullWindows, TellsWhoWasLate) {
  FullWindows windows;
  EXPECT_EQ(windows.lateness(0, 5), 5);
  windows.note(90, false);
  windows.note(100, true);
  windows.note(200, true);
  EXPECT_EQ(windows.lateness(150, 230), std::nullopt);
  EXPECT_EQ(windows.lateness(100, 230), std::nullopt);
  EXPECT_EQ(windows.lateness(40, 230), 60) << "late by what had passed when they became full";
  EXPECT_EQ(windows.lateness(210, 230), 20);
  windows.note(230, false);
  windows.note(300, true);
  EXPECT_EQ(windows.lateness(260, 310), 40) << "anew";
}

}  // namespace
}  // namespace ringgate::load
