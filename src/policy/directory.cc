#include "policy/directory.h"

#include <algorithm>
#include <unordered_map>

#include "base/assert.h"

namespace ringgate {
namespace {

// A tenth of a second's worth: who wants to know what became of many messages asks for them at
// once. At least what the dearest operation counts.
unsigned operation_burst(double rate) {
  return static_cast<unsigned>(std::clamp(rate / 10, 10.0, 1e6));
}

/// However much of it is right.
bool equals(std::string_view right, std::string_view password) {
  unsigned difference = right.size() == password.size() ? 0 : 1;
  for (std::size_t i = 0; i < password.size(); ++i) {
    const char expected = right.empty() ? '\0' : right[i % right.size()];
    difference |= static_cast<unsigned char>(password[i] ^ expected);
  }
  return difference == 0;
}

}  // namespace

bool Account::may_bind(BindMode mode) const {
  switch (mode) {
    case BindMode::transmitter:
      return options.bind_tx;
    case BindMode::receiver:
      return options.bind_rx;
    case BindMode::transceiver:
      return options.bind_trx;
  }
  UNREACHABLE();
}

bool Account::is_restricted() const {
  return submit_rate.limited() || bind_rate.limited() || options.minute_quota != 0 ||
         options.day_quota != 0 || !sources.empty() || !destinations.empty();
}

bool Account::password_is(std::string_view password) const {
  // Both are always looked at.
  const bool is_first = equals(options.password, password);
  const bool is_next = equals(options.next_password, password);
  return (is_first && options.password_hash.empty()) || (is_next && !options.next_password.empty());
}

std::vector<std::string_view> Account::hashes() const {
  std::vector<std::string_view> out;
  for (const std::string* hash : {&options.password_hash, &options.next_password_hash})
    if (!hash->empty()) out.push_back(*hash);
  return out;
}

bool Account::fits_certificate(std::span<const std::string> names) const {
  return options.certificate.empty() ||
         std::find(names.begin(), names.end(), options.certificate) != names.end();
}

Directory::Directory(const std::vector<AccountOptions>& accounts, Nanos now,
                     std::uint64_t hash_seed, const std::vector<std::string>& gone)
    : hash_seed_(hash_seed) {
  for (const AccountOptions& options : accounts) add(options, now);
  for (const std::string& name : gone) {
    AccountOptions options;
    options.system_id = name;
    add(options, now);
    accounts_.back().removed = true;
  }
  finish();
}

Directory::Directory(const Directory& before, const std::vector<AccountOptions>& accounts,
                     Nanos now)
    : hash_seed_(before.hash_seed_), accounts_(before.accounts_), states_(before.states_) {
  std::unordered_map<std::string, std::uint32_t> index;
  for (Account& account : accounts_) {
    account.removed = true;
    index.emplace(account.options.system_id, account.index);
  }
  for (const AccountOptions& options : accounts) {
    const auto known = index.find(options.system_id);
    if (known == index.end())
      add(options, now);
    else
      set(accounts_[known->second], options);
  }
  finish();
}

void Directory::take_over(const Directory& before, Nanos now) const {
  ASSERT(size() >= before.size());
  for (std::uint32_t i = 0; i < before.size(); ++i) {
    const Account& was = before.at(i);
    const Account& is = at(i);
    ASSERT(was.state == is.state);
    is.state->submits.change(was.submit_rate, is.submit_rate, now);
    is.state->operations.change(was.operation_rate, is.operation_rate, now);
  }
}

void Directory::add(const AccountOptions& options, Nanos now) {
  states_.push_back(std::make_shared<AccountState>(now, hash_seed_));
  Account& account = accounts_.emplace_back();
  account.index = static_cast<std::uint32_t>(accounts_.size() - 1);
  account.state = states_.back().get();
  set(account, options);
}

void Directory::set(Account& account, const AccountOptions& options) {
  account.options = options;
  account.removed = false;
  account.submit_rate = Rate::per_second(options.rate, options.burst);
  account.bind_rate = Rate::per_second(options.bind_rate, options.bind_burst);
  account.sources = SourceRules(options.sources);
  account.destinations = DestinationRules(options.destinations, options.denied_destinations);
  account.networks = Networks(options.networks);
  account.operation_rate = Rate(options.operation_rate, operation_burst(options.operation_rate));
}

void Directory::finish() {
  ASSERT(accounts_.size() == states_.size());
  for (const Account& account : accounts_) {
    if (account.removed) continue;
    by_name_.push_back(account.index);
    const std::vector<std::string_view> hashes = account.hashes();
    if (reference_hash_.empty() && !hashes.empty()) reference_hash_ = hashes.front();
    hashes_max_ = std::max(hashes_max_, hashes.size());
    long_passwords_ = long_passwords_ || account.options.quirks.long_passwords;
  }
  std::sort(by_name_.begin(), by_name_.end(), [this](std::uint32_t a, std::uint32_t b) {
    return accounts_[a].options.system_id < accounts_[b].options.system_id;
  });
}

// Asked once per bind, so a binary search over a sorted index is enough.
const Account* Directory::find(std::string_view system_id) const {
  const auto found = std::lower_bound(by_name_.begin(), by_name_.end(), system_id,
                                      [this](std::uint32_t index, std::string_view wanted) {
                                        return accounts_[index].options.system_id < wanted;
                                      });
  if (found == by_name_.end() || accounts_[*found].options.system_id != system_id) return nullptr;
  return &accounts_[*found];
}

}  // namespace ringgate
