// Changes of accounts while the server runs: checked, put in use as a whole, and told to every
// shard.
#pragma once

#include <mutex>
#include <string>
#include <vector>

#include <ringgate/server.h>

namespace ringgate::runtime {

struct Fleet;

/// One of a server. Any thread but a shard's; one change at a time.
class AccountChanges {
 public:
  /// `options`: what the server started with. The fleet outlives this.
  AccountChanges(const Options& options, Fleet& fleet) : options_(options), fleet_(fleet) {}

  /// As Server has them.
  std::string set(const std::vector<AccountOptions>& accounts,
                  const std::vector<NumberOptions>& numbers, AccountsDiff& diff);
  std::string update(const AccountsUpdate& update, AccountsDiff& diff);

 private:
  /// Indexes are not used again, and each shard has memory for each.
  static constexpr std::uint32_t names_max = 1u << 20;

  std::string change_to(Options next, AccountsDiff& diff);
  std::string excess(const Options& next) const;
  void tell_shards();

  std::mutex mutex_;
  Options options_;  // as they are in use
  Fleet& fleet_;
};

}  // namespace ringgate::runtime
