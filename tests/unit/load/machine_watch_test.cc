#include "load/machine_watch.h"

#include <gtest/gtest.h>

#include "base/units.h"

namespace ringgate::load {
namespace {

// Aim: the kernel's texts are read as they are. Method: texts of a real one, a second apart.
TEST(MachineWatch, ReadsTheKernelsTexts) {
  constexpr std::string_view stat =
      "cpu  400 0 300 200 0 0 50 50 0 0\ncpu0 100 1 100 100 0 0 0 9 0 0\ncpu10 7 0 0 0 0 0 0 3 0 "
      "0\n"
      "intr 12 0\n";
  MachineCounters all, tenth;
  read_stat(stat, std::nullopt, all);
  EXPECT_EQ(all.ticks, 1000u);
  EXPECT_EQ(all.steal_ticks, 50u);
  read_stat(stat, 10, tenth);
  EXPECT_EQ(tenth.ticks, 10u);
  EXPECT_EQ(tenth.steal_ticks, 3u);
  // "cpu1" is not "cpu10".
  MachineCounters none;
  read_stat(stat, 1, none);
  EXPECT_EQ(none.ticks, 0u);

  MachineCounters counters;
  read_schedstat("123456789 50000000 77\n", counters);
  EXPECT_EQ(counters.cpu_wait, milliseconds(50));
  read_pressure("some avg10=0.00 avg60=0.00 avg300=0.00 total=2000\nfull avg10=0.00 total=1\n",
                counters);
  EXPECT_EQ(counters.pressure, milliseconds(2));
  read_cgroup_stat("usage_usec 5\nnr_periods 3\nnr_throttled 2\n", counters);
  EXPECT_EQ(counters.throttled, 2u);
}

// Aim: what a kernel does not tell is no sign of anything. Method: empty and foreign texts.
TEST(MachineWatch, TakesNothingFromOtherTexts) {
  for (const std::string_view text :
       {"", "\n\n", "cpu", "some total", "nr_throttled", "some total="}) {
    MachineCounters counters;
    read_stat(text, std::nullopt, counters);
    read_stat(text, 3, counters);
    read_pressure(text, counters);
    read_cgroup_stat(text, counters);
    EXPECT_EQ(counters.ticks + counters.steal_ticks + counters.throttled, 0u) << text;
    EXPECT_EQ(counters.pressure, 0) << text;
  }
}

// Aim: shares are of the time between. Method: two looks half a second apart.
TEST(MachineWatch, TellsShares) {
  const MachineCounters before{.cpu = seconds(1), .ticks = 100, .steal_ticks = 10};
  const MachineCounters after{.cpu = milliseconds(1'250),
                              .cpu_wait = milliseconds(50),
                              .ticks = 150,
                              .steal_ticks = 15,
                              .pressure = milliseconds(100),
                              .throttled = 3};
  const Surroundings around = between(before, after, milliseconds(500));
  EXPECT_DOUBLE_EQ(around.client_cpu, 0.5);
  EXPECT_DOUBLE_EQ(around.cpu_wait, 0.1);
  EXPECT_DOUBLE_EQ(around.steal, 0.1);
  EXPECT_DOUBLE_EQ(around.pressure, 0.2);
  EXPECT_EQ(around.throttled, 3u);
  EXPECT_DOUBLE_EQ(between(after, after, 0).steal, 0);
}

}  // namespace
}  // namespace ringgate::load
