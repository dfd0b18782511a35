#include "load/pacer.h"

#include <gtest/gtest.h>

#include "base/units.h"

namespace ringgate::load {
namespace {

RateProfile profile_of(std::string_view text, double seconds) {
  std::string fault;
  const auto profile = RateProfile::parse(text, seconds, fault);
  EXPECT_TRUE(profile) << fault;
  return profile.value_or(RateProfile());
}

Pacer even(double rate, Nanos start) {
  return Pacer(profile_of(std::to_string(rate), 0), Arrivals::even, 1, start);
}

// Aim: messages are meant to leave at even distances from the start, the first one at once.
// Method: takes some messages off a pacer of 1000 per second and reads their times.
TEST(Pacer, SpacesEvenly) {
  Pacer pacer = even(1000, 5);
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(pacer.next(), 5 + milliseconds(i));
    pacer.advance();
  }
}

// Aim: a rate whose period is no whole number of nanoseconds does not drift.
// Method: a million messages at 3 per second end where multiplication says.
TEST(Pacer, DoesNotDrift) {
  Pacer pacer = even(3, 0);
  for (int i = 0; i < 999'999; ++i) pacer.advance();
  EXPECT_NEAR(static_cast<double>(pacer.next()), static_cast<double>(seconds(333'333)), 100.0);
}

// Aim: what is late stays due, with the time that was meant for it.
// Method: asks after a pause of ten periods how many are due.
TEST(Pacer, KeepsIntendedTimesOfWhatIsLate) {
  Pacer pacer = even(1000, 0);
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
      Pacer pacer = even(rate, 0);
      pacer.advance();
      const std::uint64_t behind = pacer.behind(end);
      std::uint64_t counted = 0;
      for (Pacer copy = pacer; copy.next() < end; copy.advance()) ++counted;
      EXPECT_EQ(behind, counted) << rate << " until " << end;
    }
  }
}

// Aim: Poisson arrivals keep the rate, vary as they should, and repeat themselves with their seed.
// Method: a hundred seconds of them; of a Poisson process mean and variance of the gaps' lengths
// are 1 in units of the gap.
TEST(Pacer, PoissonKeepsTheRate) {
  const RateProfile profile = profile_of("1k", 0);
  Pacer pacer(profile, Arrivals::poisson, 42, 0), again(profile, Arrivals::poisson, 42, 0);
  constexpr int messages = 100'000;
  double squares = 0;
  Nanos last = 0;
  for (int i = 0; i < messages; ++i) {
    ASSERT_EQ(pacer.next(), again.next());
    ASSERT_GE(pacer.next(), last);
    const double gap = static_cast<double>(pacer.next() - last) / 1e6;
    squares += gap * gap;
    last = pacer.next();
    pacer.advance();
    again.advance();
  }
  EXPECT_NEAR(static_cast<double>(last) / 1e9, 100, 2);
  EXPECT_NEAR(squares / messages, 2, 0.1);
  EXPECT_NE(Pacer(profile, Arrivals::poisson, 43, 0).next(),
            Pacer(profile, Arrivals::poisson, 42, 0).next());
}

// Aim: steps and ramps send what their area is, in each of their parts. Method: counts by hand.
TEST(Pacer, FollowsItsProfile) {
  const auto count = [](Pacer& pacer, Nanos until) {
    int messages = 0;
    for (; pacer.next() < until; pacer.advance()) ++messages;
    return messages;
  };
  Pacer steps(profile_of("100,200,50", 3), Arrivals::even, 1, 0);
  EXPECT_EQ(count(steps, seconds(1)), 100);
  EXPECT_EQ(count(steps, seconds(2)), 200);
  EXPECT_EQ(count(steps, seconds(4)), 100) << "the last rate goes on";
  Pacer ramp(profile_of("0..1k", 2), Arrivals::even, 1, 0);
  EXPECT_EQ(count(ramp, seconds(1)), 250);
  EXPECT_EQ(count(ramp, seconds(2)), 750);
  Pacer down(profile_of("1k..0", 2), Arrivals::even, 1, 0);
  EXPECT_EQ(count(down, seconds(1)), 750);
  EXPECT_EQ(count(down, seconds(3)), 250);
  EXPECT_EQ(down.next(), never) << "a rate of 0 sends nothing any more";
}

// Aim: a file says what follows what. Method: good lines, and bad ones that are named.
TEST(RateProfile, ReadsLines) {
  std::string fault;
  auto profile = RateProfile::parse_lines("# seconds rate\n10 100\n\n 5\t1k..2k # up\r\n", fault);
  ASSERT_TRUE(profile) << fault;
  EXPECT_DOUBLE_EQ(profile->seconds(), 15);
  EXPECT_DOUBLE_EQ(profile->due_by(10), 1'000);
  EXPECT_DOUBLE_EQ(profile->due_by(15), 8'500);
  EXPECT_FALSE(profile->is_constant());
  profile->warm_up(2);
  EXPECT_DOUBLE_EQ(profile->due_by(12), 1'200);

  for (const auto& [text, line] : {std::pair("1 5\n2\n", "line 2"),
                                   {"x 5", "line 1"},
                                   {"0 5", "line 1"},
                                   {"\n1 fast", "line 2"},
                                   {"1 5 6", "line 1"},
                                   {"-1 5", "line 1"}}) {
    fault.clear();
    EXPECT_FALSE(RateProfile::parse_lines(text, fault)) << text;
    EXPECT_EQ(fault.substr(0, 6), line) << text;
  }
  EXPECT_FALSE(RateProfile::parse_lines("# nothing\n", fault));
  EXPECT_EQ(fault, "no line has a rate");
}

// Aim: what is no rate is refused. Method: each kind.
TEST(RateProfile, RefusesWhatIsNone) {
  for (const char* text : {"", "fast", "10k..", "..5", "5,,6", "5,", "1e10", "-1", "5..6..7",
                           "10k 20k", "nan", "inf"}) {
    std::string fault;
    EXPECT_FALSE(RateProfile::parse(text, 10, fault)) << text;
    EXPECT_NE(fault.find("such as 500, 50k"), fault.npos) << text;
  }
}

}  // namespace
}  // namespace ringgate::load
