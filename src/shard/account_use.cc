#include "shard/account_use.h"

#include <algorithm>
#include <limits>

namespace ringgate {
namespace {

template <class T>
T share_of(T total, double share) {
  return std::max<T>(1, static_cast<T>(static_cast<double>(total) * share));
}

}  // namespace

AccountUses::AccountUses(const Directory& directory, const ShardTotals& totals, double share)
    : totals_(totals), share_(share) {
  adopt(directory);
}

void AccountUses::adopt(const Directory& directory) {
  ASSERT(directory.size() >= uses_.size());
  const ShardTotals& totals = totals_;
  const double share = directory.size() <= 1 ? 1 : share_;
  ASSERT(share > 0 && share <= 1);
  uses_.resize(directory.size());
  count_ = directory.size();
  bounds_.clear();
  bounds_.reserve(directory.size());
  for (std::uint32_t i = 0; i < directory.size(); ++i) {
    const AccountOptions& account = directory.at(i).options;
    AccountBounds& bounds = bounds_.emplace_back();
    bounds.messages = account.max_open != 0 ? account.max_open : share_of(totals.messages, share);
    bounds.receipts = account.max_outbox;
    bounds.groups = share_of(totals.groups, share);
    bounds.journal_octets = share_of(totals.journal_octets, share);
    if (account.max_journal_bytes != 0)
      bounds.journal_octets = std::min(bounds.journal_octets, account.max_journal_bytes);
    bounds.part_octets = share_of(totals.part_octets, share);
    bounds.queued_octets = share_of(totals.queued_octets, share);
  }
}

}  // namespace ringgate
