#include "base/prng.h"

#include <gtest/gtest.h>

#include <array>

namespace ringgate {
namespace {

// Aim: the numbers are those of xoshiro256** seeded by splitmix64, on every compiler, so that seeds
// stay valid. Method: the published reference sequence for seed 0.
TEST(Prng, ReferenceSequence) {
  Prng prng(0);
  EXPECT_EQ(prng.next(), 11091344671253066420U);
  EXPECT_EQ(prng.next(), 13793997310169335082U);
  EXPECT_EQ(prng.next(), 1900383378846508768U);
  EXPECT_EQ(prng.next(), 7684712102626143532U);
}

// Aim: the same seed repeats, another one does not. Method: three generators side by side.
TEST(Prng, Deterministic) {
  Prng first(7);
  Prng again(7);
  Prng other(8);
  int equal = 0;
  for (int i = 0; i < 1000; ++i) {
    const std::uint64_t number = first.next();
    EXPECT_EQ(number, again.next());
    equal += number == other.next() ? 1 : 0;
  }
  EXPECT_EQ(equal, 0);
}

// Aim: below() stays below and is even, also for an n close to 2^64 where biased methods fail.
// Method: counts over ten values; the share of the lower half for n = 3 * 2^62, which a plain
// modulo would make 2/3.
TEST(Prng, Below) {
  Prng prng(1);
  std::array<int, 10> counts = {};
  for (int i = 0; i < 100'000; ++i) ++counts.at(prng.below(counts.size()));
  for (const int count : counts) EXPECT_NEAR(count, 10'000, 500);

  constexpr std::uint64_t n = std::uint64_t{3} << 62;
  int lower = 0;
  for (int i = 0; i < 100'000; ++i) {
    const std::uint64_t number = prng.below(n);
    ASSERT_LT(number, n);
    lower += number < n / 2 ? 1 : 0;
  }
  EXPECT_NEAR(lower, 50'000, 1'000);
  EXPECT_EQ(prng.below(1), 0U);
}

// Aim: the range of unit(), the certainty of chance() at its ends, the mean of exponential().
// Method: many draws.
TEST(Prng, Distributions) {
  Prng prng(2);
  double unit_sum = 0;
  double exponential_sum = 0;
  int chances = 0;
  for (int i = 0; i < 100'000; ++i) {
    const double unit = prng.unit();
    ASSERT_GE(unit, 0.0);
    ASSERT_LT(unit, 1.0);
    unit_sum += unit;
    const double exponential = prng.exponential(20.0);
    ASSERT_GE(exponential, 0.0);
    exponential_sum += exponential;
    chances += prng.chance(0.25) ? 1 : 0;
    ASSERT_FALSE(prng.chance(0.0));
    ASSERT_TRUE(prng.chance(1.0));
  }
  EXPECT_NEAR(unit_sum / 100'000, 0.5, 0.01);
  EXPECT_NEAR(exponential_sum / 100'000, 20.0, 0.5);
  EXPECT_NEAR(chances, 25'000, 1'000);
}

}  // namespace
}  // namespace ringgate
