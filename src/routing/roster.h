// Who is served, and whose numbers are whose, as one snapshot: what a change of the accounts puts
// in the place of the one before. Made once, read by any thread.
#pragma once

#include <string>
#include <vector>

#include <ringgate/options.h>

#include "policy/directory.h"
#include "routing/number_plan.h"

namespace ringgate {

/// Every number's account must be one of the accounts.
struct Roster {
  /// As Directory takes them.
  Roster(const std::vector<AccountOptions>& accounts, const std::vector<NumberOptions>& rules,
         Nanos now, std::uint64_t hash_seed = 0, const std::vector<std::string>& gone = {})
      : directory(accounts, now, hash_seed, gone), numbers(rules, index_in(directory)) {}
  /// What comes after `before`.
  Roster(const Roster& before, const std::vector<AccountOptions>& accounts,
         const std::vector<NumberOptions>& rules, Nanos now)
      : directory(before.directory, accounts, now), numbers(rules, index_in(directory)) {}

  const Directory directory;
  const NumberPlan numbers;

 private:
  static NumberPlan::AccountIndex index_in(const Directory& directory) {
    return [&directory](std::string_view system_id) -> std::optional<std::uint32_t> {
      const Account* const account = directory.find(system_id);
      if (account == nullptr) return std::nullopt;
      return account->index;
    };
  }
};

}  // namespace ringgate
