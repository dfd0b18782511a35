#include "load/pacer.h"

#include <gtest/gtest.h>

#include "base/units.h"

namespace ringgate::load {
namespace {

// Aim: messages are meant to leave at even distances from the start, the first one at once.
// Method: takes some messages off a pacer of 1000 per second and reads their times.
TEST(Pacer, SpacesEvenly) {
  Pacer pacer(1000, 5);
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(pacer.next(), 5 + milliseconds(i));
    pacer.advance();
  }
}

// Aim: a rate whose period is no whole number of nanoseconds does not drift.
// Method: a million messages at 3 per second end where multiplication says.
TEST(Pacer, DoesNotDrift) {
  Pacer pacer(3, 0);
  for (int i = 0; i < 999'999; ++i) pacer.advance();
  EXPECT_NEAR(static_cast<double>(pacer.next()), static_cast<double>(seconds(333'333)), 100.0);
}

// Aim: what is late stays due, with the time that was meant for it.
// Method: asks after a pause of ten periods how many are due.
TEST(Pacer, KeepsIntendedTimesOfWhatIsLate) {
  Pacer pacer(1000, 0);
  EXPECT_TRUE(pacer.due(0));
  const Nanos now = milliseconds(10);
  int due = 0;
  while (pacer.due(now)) {
    EXPECT_EQ(pacer.next(), milliseconds(due));
    pacer.advance();
    ++due;
  }
  EXPECT_EQ(due, 11);
  EXPECT_FALSE(pacer.due(milliseconds(11) - 1));
}

// Aim: behind() counts the messages meant for the time before `end` that were not sent.
// Method: compares with counting by hand, for rates and ends that do and do not divide evenly.
TEST(Pacer, CountsWhatItIsBehind) {
  for (const double rate : {1000.0, 3.0, 7777.7}) {
    for (const Nanos end : {Nanos{0}, Nanos{1}, milliseconds(10), seconds(2), seconds(2) + 1}) {
      Pacer pacer(rate, 0);
      pacer.advance();
      const std::uint64_t behind = pacer.behind(end);
      std::uint64_t counted = 0;
      for (Pacer copy = pacer; copy.next() < end; copy.advance()) ++counted;
      EXPECT_EQ(behind, counted) << rate << " until " << end;
    }
  }
}

}  // namespace
}  // namespace ringgate::load
