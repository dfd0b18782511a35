#include "base/histogram.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <vector>

#include "base/prng.h"

namespace ringgate {
namespace {

// Aim: an empty histogram answers zero everywhere. Method: ask it everything.
TEST(Histogram, Empty) {
  const Histogram histogram;
  EXPECT_EQ(histogram.count(), 0U);
  EXPECT_EQ(histogram.min(), 0U);
  EXPECT_EQ(histogram.max(), 0U);
  EXPECT_EQ(histogram.mean(), 0.0);
  EXPECT_EQ(histogram.quantile(0.5), 0U);
}

// Aim: values up to 2047 are exact. Method: one of each, then quantiles in the middle and at both
// ends.
TEST(Histogram, SmallValuesExact) {
  Histogram histogram;
  for (std::uint64_t value = 1; value <= 2000; ++value) histogram.record(value);
  EXPECT_EQ(histogram.count(), 2000U);
  EXPECT_EQ(histogram.quantile(0.0), 1U);
  EXPECT_EQ(histogram.quantile(0.5), 1000U);
  EXPECT_EQ(histogram.quantile(0.999), 1998U);
  EXPECT_EQ(histogram.quantile(1.0), 2000U);
  EXPECT_DOUBLE_EQ(histogram.mean(), 1000.5);
}

// Aim: the error bound, over the whole range and on both sides of every power of two: never below
// the true value, and above it by at most one part in 1024. Method: two values per bucket border,
// so that the lower one is the median and is not clamped.
TEST(Histogram, ErrorBound) {
  for (unsigned bit = 1; bit < 44; ++bit) {
    const std::uint64_t power = std::uint64_t{1} << bit;
    for (const std::uint64_t value : {power - 2, power - 1, power, power + 1, power + 2}) {
      Histogram histogram;
      histogram.record(value);
      histogram.record(std::uint64_t{1} << 50);
      EXPECT_GE(histogram.quantile(0.5), value);
      EXPECT_LE(histogram.quantile(0.5), value + value / 1024);
    }
  }
}

// Aim: quantiles of a skewed distribution hold the same bound. Method: random values of all
// magnitudes against a sorted copy.
TEST(Histogram, RandomAgainstSorted) {
  Prng prng(6);
  Histogram histogram;
  std::vector<std::uint64_t> values;
  for (int i = 0; i < 20'000; ++i) {
    values.push_back(prng.next() >> (20 + prng.below(44)));
    histogram.record(values.back());
  }
  std::sort(values.begin(), values.end());
  for (std::size_t rank = 1; rank <= values.size(); rank += 7) {
    const double q = (static_cast<double>(rank) - 0.5) / static_cast<double>(values.size());
    const std::uint64_t truth = values[rank - 1];
    ASSERT_GE(histogram.quantile(q), truth);
    ASSERT_LE(histogram.quantile(q), truth + truth / 1024);
  }
  EXPECT_EQ(histogram.min(), values.front());
  EXPECT_EQ(histogram.max(), values.back());
}

// Aim: values beyond the range are counted and keep the exact maximum. Method: the greatest value
// there is.
TEST(Histogram, BeyondRange) {
  Histogram histogram;
  const std::uint64_t greatest = std::numeric_limits<std::uint64_t>::max();
  histogram.record(greatest);
  histogram.record(5, 9);
  EXPECT_EQ(histogram.max(), greatest);
  EXPECT_EQ(histogram.quantile(1.0), greatest);
  EXPECT_EQ(histogram.quantile(0.9), 5U);
  EXPECT_EQ(histogram.count(), 10U);
}

// Aim: merging equals recording everything in one, counts weigh, and clear() forgets. Method: two
// halves against a whole.
TEST(Histogram, MergeAndClear) {
  Prng prng(7);
  Histogram whole;
  Histogram halves[2];
  for (int i = 0; i < 1000; ++i) {
    const std::uint64_t value = prng.below(1'000'000);
    const std::uint64_t count = prng.below(4);
    whole.record(value, count);
    halves[i % 2].record(value, count);
  }
  halves[0].merge(halves[1]);
  EXPECT_EQ(halves[0].count(), whole.count());
  EXPECT_EQ(halves[0].min(), whole.min());
  EXPECT_EQ(halves[0].max(), whole.max());
  EXPECT_DOUBLE_EQ(halves[0].mean(), whole.mean());
  for (double q = 0; q <= 1; q += 0.01) EXPECT_EQ(halves[0].quantile(q), whole.quantile(q));

  whole.clear();
  EXPECT_EQ(whole.count(), 0U);
  EXPECT_EQ(whole.quantile(0.5), 0U);
  whole.merge(Histogram());
  EXPECT_EQ(whole.min(), 0U);
  whole.record(3);
  EXPECT_EQ(whole.min(), 3U);
}

}  // namespace
}  // namespace ringgate
