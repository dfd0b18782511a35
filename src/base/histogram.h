// A histogram of latencies or sizes over many powers of two.
//
//   value     0 .. 2047         2048 .. 4095      4096 .. 8191      ...
//   width     1                 2                 4                 ...
//   bucket    0 .. 2047         2048 .. 3071      3072 .. 4095      ...
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace ringgate {

/// Counts values in buckets that are linear within each power of two, 1024 of them, so that a
/// quantile is at most one part in 1024 above the true value and never below it. Values from 2^44
/// on (five hours in nanoseconds) share the last bucket; min, max and count stay exact. A value
/// type of 280 KiB on the heap, allocated at construction. One thread.
class Histogram {
  static constexpr unsigned sub_bits = 10;
  static constexpr unsigned value_bits = 44;

 public:
  Histogram() : buckets_(bucket_count, 0) {}

  /// Notes `value`, `count` times.
  void record(std::uint64_t value, std::uint64_t count = 1) {
    if (count == 0) return;
    buckets_[bucket_of(value)] += count;
    count_ += count;
    sum_ += static_cast<double>(value) * static_cast<double>(count);
    min_ = std::min(min_, value);
    max_ = std::max(max_, value);
  }

  /// The value that a fraction q of the recorded values do not exceed; q outside [0, 1] is brought
  /// inside. 0 if empty.
  std::uint64_t quantile(double q) const {
    if (count_ == 0) return 0;
    const double wanted = std::ceil(std::clamp(q, 0.0, 1.0) * static_cast<double>(count_));
    const std::uint64_t rank = wanted < 1.0 ? 1 : static_cast<std::uint64_t>(wanted);
    std::uint64_t seen = 0;
    for (std::size_t bucket = bucket_of(min_); bucket + 1 < bucket_count; ++bucket) {
      seen += buckets_[bucket];
      if (seen >= rank) return std::clamp(highest_in(bucket), min(), max_);
    }
    return max_;
  }

  /// The extremes, exactly; 0 if empty.
  std::uint64_t max() const { return max_; }
  std::uint64_t min() const { return count_ == 0 ? 0 : min_; }
  std::uint64_t count() const { return count_; }
  /// The mean of the values themselves, not of buckets; 0 if empty.
  double mean() const { return count_ == 0 ? 0.0 : sum_ / static_cast<double>(count_); }

  /// Adds everything that `other` has recorded. Its work, like that of clear() and quantile(),
  /// grows with how far apart the extremes are, and not with the buckets that there are.
  void merge(const Histogram& other) {
    if (other.count_ == 0) return;
    for (std::size_t bucket = bucket_of(other.min_); bucket <= bucket_of(other.max_); ++bucket)
      buckets_[bucket] += other.buckets_[bucket];
    count_ += other.count_;
    sum_ += other.sum_;
    min_ = std::min(min_, other.min_);
    max_ = std::max(max_, other.max_);
  }

  /// Every bucket's count up to that of the largest value, from the bucket of 0 on. The buckets are
  /// those of an HdrHistogram of three significant digits whose lowest value is 1.
  std::span<const std::uint64_t> counts_from_zero() const {
    return std::span(buckets_).first(count_ == 0 ? 0 : bucket_of(max_) + 1);
  }
  /// The highest value for which there is a bucket of its own.
  static constexpr std::uint64_t highest = (std::uint64_t{1} << value_bits) - 1;

  /// Forgets everything; keeps the memory.
  void clear() {
    if (count_ == 0) return;
    std::ranges::fill(counts(), 0);
    count_ = 0;
    sum_ = 0;
    min_ = std::numeric_limits<std::uint64_t>::max();
    max_ = 0;
  }

 private:
  // Values of msb `sub_bits` and below have width 1; each of the further powers of two adds
  // 2^sub_bits buckets.
  static constexpr std::size_t bucket_count = std::size_t{value_bits - sub_bits + 1} << sub_bits;

  static std::size_t bucket_of(std::uint64_t value) {
    if (value >> value_bits != 0) return bucket_count - 1;
    // The bits that the width of the bucket swallows. The mask keeps small values at width 1
    // without a branch.
    const unsigned width = static_cast<unsigned>(std::bit_width(value | ((2U << sub_bits) - 1)));
    const unsigned shift = width - (sub_bits + 1);
    return (std::size_t{shift} << sub_bits) + static_cast<std::size_t>(value >> shift);
  }

  // From the first to the last that counts something; there is one.
  std::span<std::uint64_t> counts() {
    const std::size_t first = bucket_of(min_);
    return std::span(buckets_).subspan(first, bucket_of(max_) - first + 1);
  }

  static std::uint64_t highest_in(std::size_t bucket) {
    if (bucket < (std::size_t{2} << sub_bits)) return bucket;
    const std::size_t shift = (bucket >> sub_bits) - 1;
    const std::uint64_t lowest = (bucket - (shift << sub_bits)) << shift;
    return lowest + (std::uint64_t{1} << shift) - 1;
  }

  std::vector<std::uint64_t> buckets_;
  std::uint64_t count_ = 0;
  double sum_ = 0;
  std::uint64_t min_ = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t max_ = 0;
};

}  // namespace ringgate
