#include "runtime/account_changes.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "options/option_faults.h"
#include "options/option_text.h"
#include "runtime/orders.h"
#include "uring/clocks.h"

namespace ringgate::runtime {
namespace {

using Index = std::unordered_map<std::string, std::size_t>;

Index index_of(const std::vector<AccountOptions>& accounts) {
  Index index;
  for (std::size_t i = 0; i < accounts.size(); ++i) index.emplace(accounts[i].system_id, i);
  return index;
}

AccountsDiff diff_of(const Options& before, const Options& after) {
  AccountsDiff diff;
  const Index was = index_of(before.accounts);
  for (const AccountOptions& account : after.accounts) {
    const auto found = was.find(account.system_id);
    if (found == was.end())
      diff.added.push_back(account.system_id);
    else if (!(before.accounts[found->second] == account))
      diff.changed.push_back(account.system_id);
  }
  const Index is = index_of(after.accounts);
  for (const AccountOptions& account : before.accounts)
    if (!is.contains(account.system_id)) diff.removed.push_back(account.system_id);
  diff.numbers = before.numbers != after.numbers;
  return diff;
}

}  // namespace

std::string AccountChanges::set(const std::vector<AccountOptions>& accounts,
                                const std::vector<NumberOptions>& numbers, AccountsDiff& diff) {
  if (on_shard_thread) return not_here("accounts");
  const std::scoped_lock lock(mutex_);
  Options next = options_;
  next.accounts = accounts;
  next.numbers = numbers;
  return change_to(std::move(next), diff);
}

std::string AccountChanges::update(const AccountsUpdate& update, AccountsDiff& diff) {
  if (on_shard_thread) return not_here("accounts");
  const std::scoped_lock lock(mutex_);
  Options next = options_;
  std::string unknown;
  Index known = index_of(next.accounts);
  for (const std::string& system_id : update.remove)
    if (known.erase(system_id) == 0)
      unknown += (unknown.empty() ? "" : "\n") + quoted(system_id) + " is no account's system_id";
  if (!unknown.empty()) return unknown;
  std::erase_if(next.accounts, [&known](const AccountOptions& account) {
    return !known.contains(account.system_id);
  });
  Index index = index_of(next.accounts);
  for (const AccountOptions& account : update.put) {
    const auto [found, fresh] = index.try_emplace(account.system_id, next.accounts.size());
    if (fresh)
      next.accounts.push_back(account);
    else
      next.accounts[found->second] = account;
  }
  if (update.numbers) next.numbers = *update.numbers;
  return change_to(std::move(next), diff);
}

std::string AccountChanges::change_to(Options next, AccountsDiff& diff) {
  std::string faults = faults_text(next);
  if (faults.empty()) faults = excess(next);
  if (!faults.empty()) return faults;
  AccountsDiff done = diff_of(options_, next);
  if (!done.empty()) {
    const std::shared_ptr<const Roster> before = fleet_.rosters->current();
    const Nanos now = uring::read_clocks().mono;
    auto after = std::make_shared<const Roster>(*before, next.accounts, next.numbers, now);
    after->directory.take_over(before->directory, now);
    fleet_.rosters->put(std::move(after));
    options_ = std::move(next);
    tell_shards();
  }
  diff = std::move(done);
  return {};
}

/// What was there once is still called what it was.
std::string AccountChanges::excess(const Options& next) const {
  const Directory& directory = fleet_.rosters->current()->directory;
  std::unordered_set<std::string_view> names;
  for (std::uint32_t i = 0; i < directory.size(); ++i)
    names.insert(directory.at(i).options.system_id);
  for (const AccountOptions& account : next.accounts) names.insert(account.system_id);
  std::uint64_t octets = 0;
  for (const std::string_view name : names) octets += journal_name_size(name);
  const bool too_long =
      next.store.mode != StoreMode::none && octets > journal_names_max(next.store);
  if (names.size() <= names_max && !too_long) return {};
  return "too many accounts have come and gone since the server was started: restart it";
}

/// Returns when every shard that runs has followed: it does so before it looks at any item.
void AccountChanges::tell_shards() {
  on_every_shard(fleet_, [](Core&) { return false; });
}

}  // namespace ringgate::runtime
