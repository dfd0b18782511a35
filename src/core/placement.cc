#include "core/placement.h"

#include <algorithm>
#include <cmath>

#include "base/units.h"

namespace ringgate {
namespace {

constexpr Nanos sample_min = milliseconds(100);
// Rates closer than this, in PDUs per second or as a share, count as alike.
constexpr double rate_floor = 1000;
constexpr double rate_share = 0.1;

}  // namespace

void Placement::sample(Nanos now, const std::vector<ShardLoad>& loads) {
  const Nanos passed = now - sampled_;
  if (passed < sample_min) return;
  const double elapsed_s = static_cast<double>(passed) / 1e9;
  const double keep = std::exp(-elapsed_s);
  for (std::size_t i = 0; i < shards_.size(); ++i) {
    const double rate = static_cast<double>(loads[i].pdus - shards_[i].pdus) / elapsed_s;
    shards_[i].rate = shards_[i].rate * keep + rate * (1 - keep);
    shards_[i].pdus = loads[i].pdus;
  }
  sampled_ = now;
}

std::optional<std::size_t> Placement::choose(const std::vector<ShardLoad>& loads) const {
  std::optional<std::size_t> best;
  for (std::size_t i = 0; i < shards_.size(); ++i) {
    if (loads[i].full) continue;
    if (!best) {
      best = i;
      continue;
    }
    const double difference = shards_[i].rate - shards_[*best].rate;
    const double alike =
        std::max(rate_floor, rate_share * std::max(shards_[i].rate, shards_[*best].rate));
    if (difference < -alike ||
        (std::abs(difference) <= alike && loads[i].connections < loads[*best].connections))
      best = i;
  }
  return best;
}

}  // namespace ringgate
