// How much of a shard one account may take, and how much it has.
#pragma once

#include <cstdint>
#include <vector>

#include "base/assert.h"
#include "policy/directory.h"

namespace ringgate {

/// What an account holds on one shard. Counted by whoever takes and gives back.
struct AccountUse {
  std::uint32_t messages = 0;        ///< open ones, whether or not they owe a receipt
  std::uint32_t receipts = 0;        ///< of these, those that may owe one
  std::uint32_t groups = 0;          ///< submit_multi without their answer
  std::uint64_t journal_octets = 0;  ///< of the records of open messages
  std::uint64_t part_octets = 0;     ///< of parts of long messages that wait for their answer
  std::uint64_t queued_octets = 0;   ///< of memory for octets to and from its connections
};

/// The most that may be.
struct AccountBounds {
  std::uint32_t messages = 0;
  std::uint32_t receipts = 0;
  std::uint32_t groups = 0;
  std::uint64_t journal_octets = 0;
  std::uint64_t part_octets = 0;
  std::uint64_t queued_octets = 0;
};

/// What a shard has for all of them.
using ShardTotals = AccountBounds;

/// One shard's accounts. Where there is only one account it may have everything; where there are
/// several, each has at most `share` of everything, so that there is always room for another. What
/// an account's own options say goes before that. One thread.
class AccountUses {
 public:
  AccountUses(const Directory& directory, const ShardTotals& totals, double share);
  /// The accounts have changed. Who has more than is allowed now gets no more until it is less.
  void adopt(const Directory& directory);

  AccountUse& of(std::uint32_t account) {
    ASSERT(account < count_);
    return uses_[account];
  }
  const AccountBounds& bounds_of(std::uint32_t account) const {
    ASSERT(account < count_);
    return bounds_[account];
  }

  /// Room for one more message, of which a receipt may be owed.
  bool admits_message(std::uint32_t account, bool owes_receipt) const {
    ASSERT(account < count_);
    const AccountUse& use = uses_[account];
    const AccountBounds& bounds = bounds_[account];
    ASSERT(use.receipts <= use.messages);
    return use.messages < bounds.messages && use.journal_octets < bounds.journal_octets &&
           (!owes_receipt || use.receipts < bounds.receipts);
  }

 private:
  const ShardTotals totals_;
  const double share_;
  std::uint32_t count_ = 0;  // of both: a vector would divide for it
  std::vector<AccountUse> uses_;
  std::vector<AccountBounds> bounds_;
};

}  // namespace ringgate
