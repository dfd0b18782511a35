#include "load/comparison.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/assert.h"
#include "base/prng.h"

namespace ringgate::load {

namespace {

constexpr unsigned resamples = 10'000;
constexpr double tail = 0.025;

double median_of(std::vector<double>& values) {
  const std::size_t half = values.size() / 2;
  std::ranges::nth_element(values, values.begin() + static_cast<std::ptrdiff_t>(half));
  const double upper = values[half];
  if (values.size() % 2 != 0) return upper;
  const double lower =
      *std::max_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(half));
  return (lower + upper) / 2;
}

struct Interval {
  double low, high;
  /// The farthest from nothing.
  double reach() const { return std::max(std::abs(low), std::abs(high)); }
};

Interval interval_of_median(const std::vector<double>& values) {
  Prng prng(1);
  std::vector<double> medians(resamples), drawn(values.size());
  for (double& median : medians) {
    for (double& one : drawn) one = values[prng.below(values.size())];
    median = median_of(drawn);
  }
  std::ranges::sort(medians);
  const auto last = static_cast<double>(resamples - 1);
  return {medians[static_cast<std::size_t>(tail * last)],
          medians[static_cast<std::size_t>((1 - tail) * last)]};
}

/// Of runs that follow each other, in twos.
std::vector<double> against_itself(std::span<const double> runs) {
  std::vector<double> out;
  for (std::size_t i = 0; i + 1 < runs.size(); i += 2)
    out.push_back(std::log(runs[i + 1] / runs[i]));
  return out;
}

}  // namespace

Comparison compare(std::span<const double> a, std::span<const double> b) {
  ASSERT(a.size() == b.size() && a.size() >= 2);
  std::vector<double> ratios;
  for (std::size_t i = 0; i < a.size(); ++i) {
    ASSERT(a[i] > 0 && b[i] > 0);
    ratios.push_back(std::log(b[i] / a[i]));
  }
  const Interval interval = interval_of_median(ratios);
  const double noise = interval_of_median(against_itself(a)).reach();
  const double median = median_of(ratios);

  Comparison out;
  out.pairs = a.size();
  out.median = std::exp(median);
  out.low = std::exp(interval.low);
  out.high = std::exp(interval.high);
  out.noise = std::exp(noise);
  const bool enough = out.pairs >= pairs_min;
  if (enough && interval.low > noise) out.verdict = Comparison::Verdict::more;
  if (enough && interval.high < -noise) out.verdict = Comparison::Verdict::less;
  // The interval narrows with the root of the pairs; the noise does not narrow.
  const double room = std::abs(median) - noise;
  if (out.verdict == Comparison::Verdict::cannot_tell && room > 0) {
    const double near_side = median > 0 ? median - interval.low : interval.high - median;
    const double times = std::pow(near_side / room, 2);
    const auto guess = static_cast<std::size_t>(std::ceil(static_cast<double>(out.pairs) * times));
    out.pairs_needed = std::max({pairs_min, out.pairs + 1, guess});
  }
  return out;
}

}  // namespace ringgate::load
