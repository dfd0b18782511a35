#include "shard/account_use.h"

#include <gtest/gtest.h>

namespace ringgate {
namespace {

AccountOptions named(std::string system_id) {
  AccountOptions out;
  out.system_id = std::move(system_id);
  out.password = "secret";
  return out;
}

ShardTotals thousand() {
  ShardTotals totals;
  totals.messages = 1'000;
  totals.groups = 100;
  totals.journal_octets = 1'000'000;
  totals.part_octets = 10'000;
  totals.queued_octets = 100'000;
  return totals;
}

// Aim: a single customer may have everything. Method: one account, whatever the share says.
TEST(AccountUses, OneAccountHasAll) {
  const Directory directory({named("only")}, 0);
  const AccountUses uses(directory, thousand(), 0.5);
  EXPECT_EQ(uses.bounds_of(0).messages, 1'000u);
  EXPECT_EQ(uses.bounds_of(0).journal_octets, 1'000'000u);
}

// Aim: of several none has more than its share, or what its own options say. Method: an account
// without options, one with each.
TEST(AccountUses, SharesAndOwnBounds) {
  std::vector<AccountOptions> accounts{named("a"), named("b"), named("c")};
  accounts[1].max_open = 7;
  accounts[1].max_outbox = 3;
  accounts[2].max_journal_bytes = 1'234;
  const Directory directory(accounts, 0);
  const AccountUses uses(directory, thousand(), 0.25);
  EXPECT_EQ(uses.bounds_of(0).messages, 250u);
  EXPECT_EQ(uses.bounds_of(0).groups, 25u);
  EXPECT_EQ(uses.bounds_of(0).part_octets, 2'500u);
  EXPECT_EQ(uses.bounds_of(0).queued_octets, 25'000u);
  EXPECT_EQ(uses.bounds_of(1).messages, 7u);
  EXPECT_EQ(uses.bounds_of(2).journal_octets, 1'234u);
}

// Aim: each bound refuses by itself, and only the account that has reached it. Method: fill one
// after the other.
TEST(AccountUses, Admits) {
  std::vector<AccountOptions> accounts{named("a"), named("b")};
  accounts[0].max_open = 2;
  accounts[0].max_outbox = 1;
  const Directory directory(accounts, 0);
  AccountUses uses(directory, thousand(), 0.5);
  EXPECT_TRUE(uses.admits_message(0, true));
  uses.of(0).receipts = uses.of(0).messages = 1;
  EXPECT_FALSE(uses.admits_message(0, true));
  EXPECT_TRUE(uses.admits_message(0, false));
  uses.of(0).messages = 2;
  EXPECT_FALSE(uses.admits_message(0, false));
  uses.of(0).receipts = uses.of(0).messages = 0;
  uses.of(0).journal_octets = 500'000;
  EXPECT_FALSE(uses.admits_message(0, false));
  EXPECT_TRUE(uses.admits_message(1, true));
}

}  // namespace
}  // namespace ringgate
