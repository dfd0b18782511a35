// The accounts: an immutable list, and the little state that all shards share about each.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <ringgate/options.h>

#include "base/units.h"
#include "message/bind_mode.h"
#include "policy/paid_parts.h"
#include "policy/rate_limit.h"
#include "policy/resubmits.h"

namespace ringgate {

/// Shared by all shards for as long as the account exists; survives a reload of the directory.
struct AccountState {
  AccountState(const AccountOptions& options, Nanos now, std::uint64_t hash_seed);

  /// Counts one more bind unless `max` (0 = no limit) are open.
  bool open_bind(unsigned max);
  void close_bind() { binds.fetch_sub(1, std::memory_order_relaxed); }

  RateLimit submits;
  PaidParts paid_parts;  ///< out of `submits`
  RateLimit operations;
  std::atomic<std::uint32_t> binds = 0;
  /// Receipts in the outbox that no bind has taken. Written by the home shard at every change; the
  /// others read it to keep the order of receipts.
  std::atomic<std::uint32_t> waiting = 0;
  /// Destinations that the client wants nothing for at the moment. Written by the home shard, which
  /// alone knows which they are.
  std::atomic<std::uint32_t> suspended = 0;
  /// Whether a receipt may leave by the bind of its submit without asking the home shard.
  bool short_way_open() const {
    return waiting.load(std::memory_order_relaxed) == 0 &&
           suspended.load(std::memory_order_relaxed) == 0;
  }
  /// MOs taken from the backend and not yet ended, against max_outbox. Counted by whoever takes
  /// one, on any thread; counted off by the home shard.
  std::atomic<std::uint32_t> mo_open = 0;
  /// A line of the log tells of refusals of this account; the next one may in a second. Whichever
  /// shard asks first writes it. Any thread.
  bool may_tell_refusals(Nanos now) {
    Nanos at = refusals_told_until.load(std::memory_order_relaxed);
    return now >= at && refusals_told_until.compare_exchange_strong(at, now + seconds(1),
                                                                    std::memory_order_relaxed);
  }
  std::atomic<Nanos> refusals_told_until = 0;
  Resubmits resubmits;
};

struct Account {
  AccountOptions options;
  std::uint32_t index = 0;
  AccountState* state = nullptr;

  bool may_bind(BindMode mode) const;
  /// Compares in constant time; only for accounts with a plain password.
  bool password_is(std::string_view password) const;
};

/// Read by any thread; made once.
class Directory {
 public:
  /// Who knows `hash_seed` can make what the tables of accounts take for the same: draw it.
  Directory(const std::vector<AccountOptions>& accounts, Nanos now, std::uint64_t hash_seed = 0);

  /// Null for an unknown system_id.
  const Account* find(std::string_view system_id) const;
  const Account& at(std::uint32_t index) const { return accounts_[index]; }
  std::uint32_t size() const { return static_cast<std::uint32_t>(accounts_.size()); }
  /// Of each account, by index.
  std::vector<const QuirkOptions*> quirks() const {
    std::vector<const QuirkOptions*> out;
    for (const Account& account : accounts_) out.push_back(&account.options.quirks);
    return out;
  }
  /// Of whatever all shards have to hash alike.
  std::uint64_t hash_seed() const { return hash_seed_; }
  /// A hash that takes as long to compare with as those of the accounts, for names that nobody has:
  /// the first account's that has one. Empty where none has.
  const std::string& reference_hash() const { return reference_hash_; }

 private:
  const std::uint64_t hash_seed_;
  std::vector<Account> accounts_;
  std::vector<std::unique_ptr<AccountState>> states_;
  std::vector<std::uint32_t> by_name_;  // indexes in the order of system_id
  std::string reference_hash_;
};

}  // namespace ringgate
