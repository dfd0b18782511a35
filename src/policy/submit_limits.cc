#include "policy/submit_limits.h"

#include <algorithm>

#include "base/assert.h"
#include "base/units.h"

namespace ringgate {
namespace {

// What one account takes beyond a shared rate keeps another waiting no longer than that.
constexpr Nanos shared_wait_max = seconds(1);

}  // namespace

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

SubmitLimits::Taken SubmitLimits::take_shared(std::uint32_t count) {
  if (!has_shared()) return {};
  const bool has_room = shared_paces_
                            ? shared_.used->next(*shared_.rate) <= now_.mono + shared_wait_max
                            : shared_.used->admit_whole(*shared_.rate, now_.mono, count);
  return has_room ? Taken{} : Taken{Over::rate, shared_.status};
}

Nanos SubmitLimits::pace(std::uint32_t count) {
  Nanos until = 0;
  for (std::size_t i = 0; i < pacing_count_; ++i)
    until = std::max(until, pacing_[i].used->reserve(*pacing_[i].rate, now_.mono, count));
  if (!has_shared() || !shared_paces_) return until;
  const Nanos shared = shared_.used->reserve(*shared_.rate, now_.mono, count);
  return std::max(until, std::min(shared, now_.mono + shared_wait_max));
}

void SubmitLimits::give_back_shared(std::uint32_t count) {
  // What paces takes only in pace().
  if (has_shared() && !shared_paces_) shared_.used->give_back(*shared_.rate, count);
}

void SubmitLimits::give_back(std::uint32_t destinations) {
  for (std::size_t i = 0; i < rejecting_count_; ++i)
    rejecting_[i].used->give_back(*rejecting_[i].rate, destinations);
  for (std::size_t i = 0; i < pacing_count_; ++i)
    pacing_[i].used->give_back(*pacing_[i].rate, destinations);
  for (std::size_t i = 0; i < quota_count_; ++i)
    quotas_[i].used->give_back(quotas_[i].length_s, now_.wall_s, destinations);
  if (has_shared()) shared_.used->give_back(*shared_.rate, destinations);
}

}  // namespace ringgate
