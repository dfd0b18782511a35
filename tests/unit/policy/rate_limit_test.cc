#include "policy/rate_limit.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "base/prng.h"
#include "base/units.h"

namespace ringgate {
namespace {

struct Case {
  double rate;
  unsigned burst;
};
constexpr Case cases[] = {{1, 1},       {10, 1},       {10, 10},        {100, 5}, {1000, 20},
                          {1000, 1000}, {33'333, 100}, {250'000, 2500}, {0.5, 3}, {7, 7}};

// Aim: ten seconds of constant pressure admit the rate and the burst, and not one more than
// rounding explains. Method: offer at many times the rate on a virtual clock and count.
TEST(RateLimit, TenSecondsAtTheLimit) {
  for (const Case& one : cases) {
    const Nanos start = seconds(1'000);
    const Rate rate(one.rate, one.burst);
    RateLimit limit(start);
    // Without a burst an admission is late by half a step on average, and that time is lost.
    const auto step = static_cast<Nanos>(1e9 / one.rate / (one.burst < 10 ? 307.3 : 7.3));
    std::uint64_t admitted = 0;
    for (Nanos now = start; now < start + seconds(10); now += step)
      if (limit.admit(rate, now)) ++admitted;
    const double wanted = one.rate * 10 + one.burst - 1;
    EXPECT_NEAR(static_cast<double>(admitted), wanted, 1 + wanted * 0.01)
        << one.rate << "/s, burst " << one.burst;
  }
}

// Aim: the slowest rate and the largest burst that a configuration may have, and every other
// corner, let a first submit in. Method: each at once.
TEST(RateLimit, Corners) {
  for (const Case& one :
       {Case{0.001, 1'000'000}, Case{0.001, 1}, Case{1e7, 1'000'000}, Case{1e7, 1}}) {
    const Rate rate(one.rate, one.burst);
    RateLimit limit(seconds(1'000));
    EXPECT_TRUE(limit.admit(rate, seconds(1'000))) << one.rate << "/s, burst " << one.burst;
    EXPECT_EQ(limit.admit(rate, seconds(1'000)), one.burst > 1)
        << one.rate << "/s, burst " << one.burst;
  }
}

// Aim: the bound holds over every interval, not only the first. Method: offers at random times; any
// window of admissions that is denser than rate and burst allow is a fault.
TEST(RateLimit, EveryWindowKeepsTheBound) {
  Prng prng(3);
  const Rate rate(100, 5);
  RateLimit limit(0);
  std::vector<Nanos> admitted;
  for (Nanos now = 0; now < seconds(20); now += static_cast<Nanos>(prng.exponential(2e6)))
    if (limit.admit(rate, now)) admitted.push_back(now);
  ASSERT_GT(admitted.size(), 1'500U);
  for (std::size_t i = 0; i < admitted.size(); ++i) {
    for (std::size_t j = i; j < admitted.size() && j < i + 200; ++j) {
      const double passed = static_cast<double>(admitted[j] - admitted[i]) / 1e9;
      ASSERT_LE(static_cast<double>(j - i + 1), 5 + passed * 100 + 0.01);
    }
  }
}

// Aim: the burst comes at once, then one per interval; idle time earns the burst and no more.
// Method: single instants.
TEST(RateLimit, Burst) {
  const Rate rate(10, 4);
  RateLimit limit(0);
  const auto take_all = [&](Nanos now) {
    int count = 0;
    while (limit.admit(rate, now)) ++count;
    return count;
  };
  EXPECT_EQ(take_all(0), 4);
  EXPECT_EQ(take_all(milliseconds(99)), 0);
  EXPECT_EQ(take_all(milliseconds(100)), 1);
  EXPECT_EQ(take_all(milliseconds(300)), 2);
  EXPECT_EQ(take_all(seconds(3'600)), 4);
}

// Aim: rate 0 means no limit, burst 0 counts as 1.
TEST(RateLimit, Edges) {
  EXPECT_FALSE(Rate(0, 10).limited());
  EXPECT_FALSE(Rate().limited());
  const Rate rate(1, 0);
  RateLimit limit(0);
  EXPECT_TRUE(rate.limited());
  EXPECT_TRUE(limit.admit(rate, 0));
  EXPECT_FALSE(limit.admit(rate, 0));
}

// Aim: what was used stays used when the rate changes, as so many submits, whatever time they took.
// Method: part of a burst, then another rate.
TEST(RateLimit, TheRateChanges) {
  const auto take_all = [](RateLimit& limit, const Rate& rate, Nanos now) {
    int count = 0;
    while (limit.admit(rate, now)) ++count;
    return count;
  };
  const Rate slow(0.01, 20);
  const Rate fast(1'000, 50);
  RateLimit limit(0);
  EXPECT_EQ(take_all(limit, slow, 0), 20);
  limit.change(slow, fast, 0);
  EXPECT_EQ(take_all(limit, fast, 0), 30) << "20 of 50 are used";
  EXPECT_EQ(take_all(limit, fast, milliseconds(10)), 10) << "and come back at the new rate";
  limit.change(fast, slow, milliseconds(10));
  EXPECT_EQ(take_all(limit, slow, milliseconds(10)), 0) << "all 20 are used, and no more";
  EXPECT_EQ(take_all(limit, slow, milliseconds(10) + seconds(100)), 1);
  limit.change(slow, Rate(), seconds(200));
  limit.change(Rate(), fast, seconds(1'000'000));
  EXPECT_EQ(take_all(limit, fast, seconds(1'000'000)), 50);
}

// Aim: a client that waits as reserve() says is paced to the rate. Method: follow the times given
// for ten seconds and count; the first `burst` may be read without waiting.
TEST(RateLimit, PacedReservations) {
  for (const Case& one : cases) {
    const Rate rate(one.rate, one.burst);
    RateLimit limit(seconds(5));
    Nanos now = seconds(5);
    std::uint64_t count = 0;
    while (now < seconds(15)) {
      now = std::max(now, limit.reserve(rate, now));
      ++count;
    }
    const double wanted = one.rate * 10 + one.burst;
    EXPECT_NEAR(static_cast<double>(count), wanted, 1 + wanted * 0.01)
        << one.rate << "/s, burst " << one.burst;
  }
}

// Aim: several readers that share one limit are paced together. Method: three followers on one
// clock, each held until its own reservation allows the next.
TEST(RateLimit, PacedTogether) {
  const Rate rate(100, 1);
  RateLimit limit(0);
  Nanos next[3] = {};
  std::uint64_t count = 0;
  for (Nanos now = 0; now < seconds(10); now += microseconds(200)) {
    for (Nanos& at : next) {
      if (at > now) continue;
      at = limit.reserve(rate, now);
      ++count;
    }
  }
  EXPECT_NEAR(static_cast<double>(count), 1'000, 12);
}

// Aim: threads never admit more together than the bound, and lose nothing to each other (for
// ThreadSanitizer too). Method: two threads offer at shared virtual instants far above the rate.
TEST(RateLimit, TwoThreadsOneLimit) {
  const Rate rate(10'000, 50);
  RateLimit limit(0);
  std::atomic<std::uint64_t> admitted = 0;
  const auto hammer = [&] {
    std::uint64_t mine = 0;
    for (Nanos now = 0; now < seconds(2); now += microseconds(40))
      if (limit.admit(rate, now)) ++mine;
    admitted += mine;
  };
  std::thread first(hammer);
  std::thread second(hammer);
  first.join();
  second.join();
  // A thread that lags offers at instants that lie in the other's past, where nothing conforms any
  // more; its own clock still may not be beaten.
  EXPECT_LE(admitted.load(), 2 * 10'000U + 50);
  EXPECT_GE(admitted.load(), 2 * 10'000U - 10);
}

}  // namespace
}  // namespace ringgate
