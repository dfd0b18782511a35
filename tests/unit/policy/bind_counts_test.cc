// Aim: each maximum of binds holds by itself, and what is closed is free again.
#include "policy/bind_counts.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "base/units.h"

namespace ringgate {
namespace {

constexpr BindMode tx = BindMode::transmitter;
constexpr BindMode rx = BindMode::receiver;
constexpr BindMode trx = BindMode::transceiver;

TEST(BindCounts, WithoutLimits) {
  const AccountOptions account;
  BindCounts counts;
  for (int i = 0; i < 1'000; ++i) EXPECT_TRUE(counts.open(account, trx, "192.0.2.1"));
  EXPECT_EQ(counts.all(), 1'000U);
}

TEST(BindCounts, InAll) {
  AccountOptions account;
  account.max_binds = 2;
  BindCounts counts;
  EXPECT_TRUE(counts.open(account, tx, "a"));
  EXPECT_TRUE(counts.open(account, rx, "b"));
  EXPECT_FALSE(counts.open(account, trx, "c"));
  counts.close(rx, "b");
  EXPECT_TRUE(counts.open(account, trx, "c"));
  EXPECT_EQ(counts.all(), 2U);
}

TEST(BindCounts, InEachMode) {
  AccountOptions account;
  account.max_binds_tx = 1;
  account.max_binds_rx = 2;
  BindCounts counts;
  EXPECT_TRUE(counts.open(account, tx, "a"));
  EXPECT_FALSE(counts.open(account, tx, "a"));
  EXPECT_TRUE(counts.open(account, rx, "a"));
  EXPECT_TRUE(counts.open(account, rx, "a"));
  EXPECT_FALSE(counts.open(account, rx, "a"));
  EXPECT_TRUE(counts.open(account, trx, "a"));
  counts.close(tx, "a");
  EXPECT_TRUE(counts.open(account, tx, "a"));
}

TEST(BindCounts, FromEachAddress) {
  AccountOptions account;
  account.max_binds_per_address = 1;
  account.max_binds = 2;
  BindCounts counts;
  EXPECT_TRUE(counts.open(account, trx, "a"));
  EXPECT_FALSE(counts.open(account, trx, "a"));
  EXPECT_TRUE(counts.open(account, trx, "b"));
  EXPECT_FALSE(counts.open(account, trx, "c"));
  EXPECT_EQ(counts.all(), 2U) << "what was refused does not count";
  counts.close(trx, "a");
  EXPECT_TRUE(counts.open(account, trx, "a"));
}

// Aim: an account's hunts have a rate of their own, from however many addresses they come, and one
// address has less than that. Method: as many as there may be at once, and one more.
TEST(BindCounts, HuntsHaveARate) {
  const AccountOptions account;
  BindCounts counts;
  const auto hunts_from = [&counts](const std::string& address) {
    int hunts = 0;
    while (counts.may_hunt(address, seconds(1))) ++hunts;
    return hunts;
  };
  EXPECT_EQ(hunts_from("nobody"), 0);
  for (const char* const address : {"a", "b", "c", "d", "e", "f"})
    EXPECT_TRUE(counts.open(account, trx, address));
  for (const char* const address : {"a", "b", "c", "d", "e"}) EXPECT_EQ(hunts_from(address), 100);
  EXPECT_EQ(hunts_from("f"), 0);
}

TEST(BindCounts, Threads) {
  AccountOptions account;
  account.max_binds = 3;
  BindCounts counts;
  std::vector<std::thread> threads;
  for (const char* const address : {"a", "b", "c", "d"})
    threads.emplace_back([&account, &counts, address] {
      for (int i = 0; i < 20'000; ++i)
        if (counts.open(account, trx, address)) counts.close(trx, address);
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(counts.all(), 0U);
}

}  // namespace
}  // namespace ringgate
