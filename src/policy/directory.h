// The accounts: an immutable list, and the little state that all shards share about each.
//
// When accounts change, the next directory takes the place of this one as a whole. An account that
// was there once has its index and its state for ever after, whether or not it is still configured:
// what messages, outboxes and other shards know it by goes on meaning it.
#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <ringgate/gate.h>
#include <ringgate/options.h>

#include "base/assert.h"
#include "base/units.h"
#include "policy/address_rules.h"
#include "policy/bind_counts.h"
#include "policy/networks.h"
#include "policy/paid_parts.h"
#include "policy/quota.h"
#include "policy/rate_limit.h"
#include "policy/resubmits.h"

namespace ringgate {

/// Shared by all shards and by every directory that follows.
struct AccountState {
  AccountState(Nanos now, std::uint64_t hash_seed)
      : submits(now), operations(now), resubmits(hash_seed) {}

  // What is written with every submit has lines of the cache to itself.
  alignas(128) RateLimit submits;
  std::array<QuotaUse, quota_period_s.size()> quotas;
  alignas(128) PaidParts paid_parts;  ///< out of all limits that refuse
  RateLimit operations;
  BindCounts binds;
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
  /// False: `most` are open, and it is not.
  bool open_mo(std::uint32_t most) {
    if (mo_open.fetch_add(1, std::memory_order_relaxed) < most) return true;
    close_mo();
    return false;
  }
  void close_mo() {
    const std::uint32_t open = mo_open.fetch_sub(1, std::memory_order_relaxed);
    ASSERT(open != 0);
  }
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
  Rate submit_rate;     ///< of state->submits
  Rate bind_rate;       ///< of each bind
  SourceRules sources;  ///< whom its submits may come from
  DestinationRules destinations;
  Rate operation_rate;   ///< of state->operations
  Networks networks;     ///< where it may bind from
  bool removed = false;  ///< not configured any more; `options` are the last

  /// Whether there may be binds of it at all.
  bool is_open() const { return !removed && options.enabled; }
  bool may_bind(BindMode mode) const;
  /// Whether its submits are held against anything.
  bool is_restricted() const;
  /// Whether its clients may have such a long one.
  bool takes_password(std::string_view password) const {
    return password.size() <= 8 || options.quirks.long_passwords;
  }
  /// One of its plain passwords. Compares in constant time.
  bool password_is(std::string_view password) const;
  /// The hashes of its passwords: two at most.
  std::vector<std::string_view> hashes() const;
  /// Whether one of those is the name that it wants its client's certificate to have.
  bool fits_certificate(std::span<const std::string> names) const;
};

/// Read by any thread; made once.
class Directory {
 public:
  /// Accounts have the indexes of their places. `gone` are names that an earlier run knew and that
  /// are not configured: they have the next ones. Who knows `hash_seed` can make what the tables of
  /// accounts take for the same: draw it.
  Directory(const std::vector<AccountOptions>& accounts, Nanos now, std::uint64_t hash_seed = 0,
            const std::vector<std::string>& gone = {});
  /// What comes after `before`. Accounts that are new, or come back, are added or taken up again;
  /// those that are not among `accounts` are removed.
  Directory(const Directory& before, const std::vector<AccountOptions>& accounts, Nanos now);
  /// This one takes the place of `before`, now: rates change with what has been used of them.
  void take_over(const Directory& before, Nanos now) const;

  /// Null for a system_id that is not configured.
  const Account* find(std::string_view system_id) const;
  /// Every account that ever was, below size().
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
  /// The most hashes that any account has: so many comparisons a wrong password costs, whoever's.
  std::size_t hashes_max() const { return hashes_max_; }
  /// Whether any account may have passwords of more than 8 characters. Then they are compared,
  /// whoever they are for: who guesses does not learn which accounts may.
  bool long_passwords() const { return long_passwords_; }

 private:
  void add(const AccountOptions& options, Nanos now);
  static void set(Account& account, const AccountOptions& options);
  void finish();

  const std::uint64_t hash_seed_;
  std::vector<Account> accounts_;
  std::vector<std::shared_ptr<AccountState>> states_;
  std::vector<std::uint32_t> by_name_;  // indexes in the order of system_id
  std::string reference_hash_;
  std::size_t hashes_max_ = 0;
  bool long_passwords_ = false;
};

}  // namespace ringgate
