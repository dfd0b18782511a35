// Accounts that change while messages flow: some are disabled or removed for a while, some get
// other bounds or another kind of password, some are new. Shards follow at different times, but
// none sees mail of a roster that it has not.
#include "parts.h"

namespace ringgate::sim {
namespace {

constexpr Nanos swap_gap = seconds(6);
constexpr std::uint64_t newcomers_max = 40;

}  // namespace

void World::plan_swap() {
  at(now_ + static_cast<Nanos>(swap_prng_.below(swap_gap)), [this] {
    if (!faulty_) return;
    if (booted_) swap_accounts(false);
    plan_swap();
  });
}

/// With `all_open`, for liveness, everybody is served.
void World::swap_accounts(bool all_open) {
  std::vector<AccountOptions> next;
  std::vector<NumberOptions> rules;
  for (std::size_t i = 0; i < accounts_.size(); ++i) {
    AccountOptions& account = accounts_[i];
    if (swap_prng_.chance(0.3)) {
      account.receipts = static_cast<ReceiptRouting>(swap_prng_.below(3));
      account.submit_window = static_cast<unsigned>(1 + swap_prng_.below(100));
      account.deliver_window = static_cast<unsigned>(1 + swap_prng_.below(100));
      account.max_binds = static_cast<unsigned>(swap_prng_.chance(0.3) ? 3 : 0);
    }
    if (all_open) account.max_binds = 0;
    if (swap_prng_.chance(0.1)) {
      const bool plain = account.password_hash.empty();
      account.password = plain ? "" : "secret";
      account.password_hash = plain ? "hash of secret" : "";
    }
    if (!all_open && swap_prng_.chance(0.05)) continue;  // removed
    next.push_back(account);
    next.back().enabled = all_open || swap_prng_.chance(0.95);
    if (i < number_options_.size()) rules.push_back(number_options_[i]);
  }
  // Not all of those that a restart knows; it has their names from the journal.
  for (std::uint64_t i = swap_prng_.below(4); i > 0; --i) {
    AccountOptions& account = next.emplace_back();
    account.system_id = "new" + std::to_string(swap_prng_.below(newcomers_max));
    account.password = "secret";
    for (const AccountOptions& other : next)
      if (&other != &account && other.system_id == account.system_id) account.system_id.clear();
    if (account.system_id.empty()) next.pop_back();
  }
  ++swapped_;
  trace_.note(now_, "accounts change: there are, numbers", next.size(), rules.size());
  if (!booted_) return;
  const auto before = roster_;
  roster_ = std::make_shared<const Roster>(*before, next, rules, now_);
  roster_->directory.take_over(before->directory, now_);
  for (unsigned i = 0; i < nodes_.size(); ++i) {
    // The last one comes to each of them, whatever else happens.
    const Nanos later = faulty_ ? delay(milliseconds(20)) : 0;
    input(i, now_ + later, [this](Core& core) { follow(core); });
  }
}

void World::follow(Core& core) {
  if (core.shard().roster() != roster_) core.shard().adopt(roster_);
}

}  // namespace ringgate::sim
