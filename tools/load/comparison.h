// Whether one program is faster than another, from runs of both that took turns.
#pragma once

#include <cstddef>
#include <span>

namespace ringgate::load {

/// Fewer pairs cannot tell anything by their signs alone.
inline constexpr std::size_t pairs_min = 6;

/// Relations are of B to A: 1.1 is a tenth more.
struct Comparison {
  enum class Verdict : unsigned char { more, less, cannot_tell };

  std::size_t pairs = 0;
  double median = 1;         ///< of the pairs
  double low = 1, high = 1;  ///< between which the median is with 95 %
  double noise = 1;          ///< at least 1: so much may A differ from itself
  Verdict verdict = Verdict::cannot_tell;
  std::size_t pairs_needed = 0;  ///< about so many may tell; 0: no number will
};

/// The run is the unit, since what is measured within one is not independent: the nth of A and the
/// nth of B are a pair, and runs of A that follow each other say how much chance there is. The
/// interval of the median is by resampling, always with the same seed. Figures are positive; both
/// have the same count of them.
Comparison compare(std::span<const double> a, std::span<const double> b);

}  // namespace ringgate::load
