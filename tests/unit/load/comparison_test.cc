#include "load/comparison.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "base/prng.h"

namespace ringgate::load {
namespace {

using Verdict = Comparison::Verdict;

/// `count` runs of something that does 1000, and of something that does `times` that, with so much
/// chance in each, and drift that both feel.
Comparison of_runs(std::size_t count, double times, double chance, std::uint64_t seed = 7) {
  Prng prng(seed);
  std::vector<double> a, b;
  for (std::size_t i = 0; i < count; ++i) {
    const double drift = 1000 * (1 + 0.5 * std::sin(static_cast<double>(i)));
    a.push_back(drift * std::exp(chance * (prng.unit() - 0.5)));
    b.push_back(drift * times * std::exp(chance * (prng.unit() - 0.5)));
  }
  return compare(a, b);
}

/// The same without drift.
Comparison of_steady_runs(std::size_t count, double times, double chance, std::uint64_t seed) {
  Prng prng(seed);
  std::vector<double> a, b;
  for (std::size_t i = 0; i < count; ++i) {
    a.push_back(1000 * std::exp(chance * (prng.unit() - 0.5)));
    b.push_back(1000 * times * std::exp(chance * (prng.unit() - 0.5)));
  }
  return compare(a, b);
}

// Aim: a large difference is found, and its size told. Method: twice and half, with little chance.
TEST(Comparison, FindsALargeDifference) {
  const Comparison more = of_steady_runs(6, 2, 0.1, 1);
  EXPECT_EQ(more.verdict, Verdict::more);
  EXPECT_NEAR(more.median, 2, 0.2);
  EXPECT_LE(more.low, more.median);
  EXPECT_GE(more.high, more.median);
  EXPECT_EQ(of_steady_runs(6, 0.5, 0.1, 1).verdict, Verdict::less);
}

// Aim: five pairs tell nothing, however different they are. Method: ten times.
TEST(Comparison, WantsSixPairs) {
  EXPECT_EQ(of_steady_runs(5, 10, 0.01, 1).verdict, Verdict::cannot_tell);
  EXPECT_EQ(of_steady_runs(6, 10, 0.01, 1).verdict, Verdict::more);
}

// Aim: what differs from itself by as much as from the other is not told apart. Method: runs with
// more drift than difference.
TEST(Comparison, KnowsWhatChanceMakes) {
  const Comparison comparison = of_runs(12, 1.1, 0.02);
  EXPECT_EQ(comparison.verdict, Verdict::cannot_tell);
  EXPECT_GT(comparison.noise, 1.1);
  EXPECT_EQ(comparison.pairs_needed, 0u);
}

// Aim: two equal ones are hardly ever told apart. Method: 400 comparisons of them; by chance alone
// one in twenty would be.
TEST(Comparison, SeldomErrs) {
  unsigned errors = 0;
  for (std::uint64_t seed = 1; seed <= 100; ++seed)
    errors += of_steady_runs(8, 1, 0.2, seed).verdict != Verdict::cannot_tell;
  EXPECT_LE(errors, 5u);
}

// Aim: it says how many pairs would do. Method: a small difference with few pairs, then with as
// many.
TEST(Comparison, SaysHowManyPairsMightTell) {
  std::size_t said = 0, told = 0, tried = 0;
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    const Comparison few = of_steady_runs(8, 1.12, 0.2, seed);
    if (few.verdict != Verdict::cannot_tell || few.pairs_needed == 0) continue;
    ++said;
    EXPECT_GT(few.pairs_needed, few.pairs);
    if (few.pairs_needed > 200) continue;
    ++tried;
    told += of_steady_runs(few.pairs_needed * 2, 1.12, 0.2, seed).verdict == Verdict::more;
  }
  EXPECT_GT(said, 0u);
  EXPECT_GT(told * 2, tried);
}

}  // namespace
}  // namespace ringgate::load
