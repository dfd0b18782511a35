#include "policy/submit_limits.h"

#include "base/assert.h"

namespace ringgate {

void SubmitLimits::add(const Rate& rate, RateLimit& used, OverRate over, Status status) {
  if (!rate.limited()) return;
  if (over == OverRate::pace) {
    ASSERT(pacing_count_ < pacing_.size());
    pacing_[pacing_count_++] = {&rate, &used, status};
  } else {
    ASSERT(rejecting_count_ < rejecting_.size());
    rejecting_[rejecting_count_++] = {&rate, &used, status};
  }
}

void SubmitLimits::add(std::uint32_t quota, std::size_t period, QuotaUse& used, Status status) {
  if (quota == 0) return;
  ASSERT(quota_count_ < quotas_.size());
  quotas_[quota_count_++] = {quota, quota_period_s[period], &used, status};
}

SubmitLimits::Taken SubmitLimits::take(std::uint32_t parts, std::uint32_t destinations) {
  ASSERT(parts != 0 && destinations != 0);
  const std::uint32_t all = parts * destinations;
  Taken taken;
  std::size_t rates = 0;
  std::size_t quotas = 0;
  for (; taken.over == Over::nothing && rates < rejecting_count_; ++rates) {
    const RateRow& row = rejecting_[rates];
    if (!row.used->admit_whole(*row.rate, now_.mono, parts)) taken = {Over::rate, row.status};
  }
  for (; taken.over == Over::nothing && quotas < quota_count_; ++quotas) {
    const QuotaRow& row = quotas_[quotas];
    if (!row.used->take(row.most, row.length_s, now_.wall_s, all))
      taken = {Over::quota, row.status};
  }
  if (taken.over == Over::nothing) {
    for (std::size_t i = 0; i < rates && all != parts; ++i)
      rejecting_[i].used->reserve(*rejecting_[i].rate, now_.mono, all - parts);
    return taken;
  }
  // The last that was asked has given nothing.
  if (taken.over == Over::rate) --rates;
  if (taken.over == Over::quota) --quotas;
  while (rates-- > 0) rejecting_[rates].used->give_back(*rejecting_[rates].rate, parts);
  while (quotas-- > 0) quotas_[quotas].used->give_back(quotas_[quotas].length_s, now_.wall_s, all);
  return taken;
}

Nanos SubmitLimits::pace(std::uint32_t count) {
  Nanos until = 0;
  for (std::size_t i = 0; i < pacing_count_; ++i)
    until = std::max(until, pacing_[i].used->reserve(*pacing_[i].rate, now_.mono, count));
  return until;
}

}  // namespace ringgate
