#include "routing/suspensions.h"

#include <gtest/gtest.h>

#include <string>

namespace ringgate {
namespace {

StoredAddress address(std::string_view text, std::uint8_t ton = 1, std::uint8_t npi = 1) {
  StoredAddress out;
  out.set({ton, npi, text});
  return out;
}

Directory directory(std::uint32_t count) {
  std::vector<AccountOptions> accounts(count);
  for (std::uint32_t i = 0; i < count; ++i) accounts[i].system_id = "a" + std::to_string(i);
  return Directory(accounts, 0);
}

std::uint32_t told(const Directory& directory, std::uint32_t account) {
  return directory.at(account).state->suspended;
}

// Aim: a destination is left alone for its account, its number, its ton and its npi, and nothing
// else is. Method: neighbours that differ in one of these.
TEST(Suspensions, ComparedInFull) {
  const Directory all = directory(2);
  Suspensions suspensions(all, 2);
  EXPECT_EQ(suspensions.suspend(0, address("447700900001"), 100), Suspensions::Made::fresh);
  EXPECT_EQ(suspensions.until(0, address("447700900001"), 100), 100 + Suspensions::length);
  EXPECT_EQ(suspensions.until(1, address("447700900001"), 100), 0);
  EXPECT_EQ(suspensions.until(0, address("447700900002"), 100), 0);
  EXPECT_EQ(suspensions.until(0, address("44770090000"), 100), 0);
  EXPECT_EQ(suspensions.until(0, address("447700900001", 2), 100), 0);
  EXPECT_EQ(suspensions.until(0, address("447700900001", 1, 2), 100), 0);
  EXPECT_EQ(told(all, 0), 1U);
  EXPECT_EQ(told(all, 1), 0U);
}

// Aim: they end by time, in order, and one made again lasts from then. Method: two, the first one
// renewed.
TEST(Suspensions, End) {
  const Directory all = directory(1);
  Suspensions suspensions(all, 1);
  EXPECT_EQ(suspensions.deadline(), never);
  suspensions.suspend(0, address("1"), 0);
  suspensions.suspend(0, address("2"), 10);
  EXPECT_EQ(suspensions.suspend(0, address("1"), 20), Suspensions::Made::renewed);
  EXPECT_EQ(suspensions.count(), 2U);
  EXPECT_EQ(suspensions.deadline(), 10 + Suspensions::length);
  EXPECT_EQ(suspensions.until(0, address("2"), 10 + Suspensions::length), 0)
      << "also before expire()";
  suspensions.expire(10 + Suspensions::length);
  EXPECT_EQ(told(all, 0), 1U);
  EXPECT_EQ(suspensions.until(0, address("1"), 10 + Suspensions::length), 20 + Suspensions::length);
  suspensions.expire(20 + Suspensions::length);
  EXPECT_EQ(told(all, 0), 0U);
  EXPECT_EQ(suspensions.count(), 0U);
  EXPECT_EQ(suspensions.deadline(), never);
}

// Aim: an account has so many and no more, its own oldest gives way, and nobody else's. Method: a
// neighbour with one, and an account that suspends without end.
TEST(Suspensions, BoundedPerAccount) {
  const Directory all = directory(2);
  Suspensions suspensions(all, 2);
  suspensions.suspend(1, address("neighbour"), 0);
  for (std::uint32_t i = 0; i < 10'000; ++i) {
    const auto made = suspensions.suspend(0, address(std::to_string(i)), i);
    ASSERT_EQ(made, i < Suspensions::per_account_max ? Suspensions::Made::fresh
                                                     : Suspensions::Made::displaced);
  }
  EXPECT_EQ(told(all, 0), Suspensions::per_account_max);
  EXPECT_EQ(suspensions.until(0, address(std::to_string(9'999 - 64)), 0), 0);
  EXPECT_NE(suspensions.until(0, address(std::to_string(9'999 - 63)), 0), 0);
  EXPECT_NE(suspensions.until(1, address("neighbour"), 0), 0);
  EXPECT_EQ(told(all, 1), 1U);
}

// Aim: a shard has a bound too, and every account its part of it. Method: more accounts than would
// fit with all they may have, each of which takes all it gets.
TEST(Suspensions, BoundedPerShard) {
  constexpr std::uint32_t count = 5'000;
  const Directory all = directory(count);
  Suspensions suspensions(all, count);
  EXPECT_EQ(suspensions.per_account(), Suspensions::per_shard_max / count);
  for (std::uint32_t account = 0; account < count; ++account)
    for (std::uint32_t i = 0; i < suspensions.per_account(); ++i)
      ASSERT_EQ(suspensions.suspend(account, address(std::to_string(i)), 0),
                Suspensions::Made::fresh);
  EXPECT_LE(suspensions.count(), Suspensions::per_shard_max);
}

// Aim: with more accounts each has fewer places, and the newest is never refused. Method: two take
// all that they may have, then there are as many as there are places.
TEST(Suspensions, MoreAccounts) {
  const Directory few = directory(2);
  constexpr std::uint32_t count = Suspensions::per_shard_max;
  std::vector<AccountOptions> accounts(count);
  for (std::uint32_t i = 0; i < count; ++i) accounts[i].system_id = "a" + std::to_string(i);
  const Directory many(few, accounts, 0);
  Suspensions suspensions(few, 2);
  for (std::uint32_t account = 0; account < 2; ++account)
    for (std::uint32_t i = 0; i < suspensions.per_account(); ++i)
      suspensions.suspend(account, address(std::to_string(i)), i);
  suspensions.adopt(many, many.size());
  EXPECT_EQ(suspensions.per_account(), 1U);
  for (std::uint32_t account = 2; account < many.size(); ++account) {
    suspensions.suspend(account, address("new"), seconds(1));
    ASSERT_NE(suspensions.until(account, address("new"), seconds(1)), 0) << account;
  }
  EXPECT_EQ(told(many, 0) + told(many, 1), 2U) << "the oldest gave way at the end";
  EXPECT_EQ(suspensions.count(), Suspensions::per_shard_max);
}

}  // namespace
}  // namespace ringgate
