// Aim: a quota is what it says from the beginning of its period to the end, whoever takes from it
// and whatever the clock does.
#include "policy/quota.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace ringgate {
namespace {

constexpr std::int64_t minute = quota_period_s[0];
constexpr std::int64_t day = quota_period_s[1];
constexpr std::int64_t noon = 1'700'049'600;
static_assert(noon % day == 12 * 3600);

TEST(QuotaUse, NoMoreThanThereIs) {
  QuotaUse use;
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(use.take(3, minute, noon + 20 * i, 1));
  EXPECT_FALSE(use.take(3, minute, noon + 59, 1));
  EXPECT_EQ(use.get().used, 3U);
  EXPECT_TRUE(use.take(3, minute, noon + 60, 1)) << "the next minute";
  EXPECT_EQ(use.get().used, 1U);
}

TEST(QuotaUse, ManyAtOnceOrNone) {
  QuotaUse use;
  EXPECT_FALSE(use.take(3, day, noon, 4));
  EXPECT_EQ(use.get().used, 0U);
  EXPECT_TRUE(use.take(3, day, noon, 3));
  EXPECT_FALSE(use.take(3, day, noon, ~0U)) << "not even where the sum has no room";
}

// Aim: a quota that is made smaller is over; one that is made larger goes on.
TEST(QuotaUse, AnotherQuota) {
  QuotaUse use;
  EXPECT_TRUE(use.take(10, day, noon, 8));
  EXPECT_FALSE(use.take(5, day, noon, 1));
  EXPECT_TRUE(use.take(9, day, noon, 1));
  EXPECT_FALSE(use.take(9, day, noon, 1));
}

TEST(QuotaUse, GivesBack) {
  QuotaUse use;
  EXPECT_TRUE(use.take(3, minute, noon, 3));
  use.give_back(minute, noon, 2);
  EXPECT_EQ(use.get().used, 1U);
  use.give_back(minute, noon, 2);
  EXPECT_EQ(use.get().used, 1U) << "no more than was taken";
  use.give_back(minute, noon + 60, 1);
  EXPECT_EQ(use.get().used, 1U) << "of a minute that is over nothing comes back";
}

// Aim: a clock that is set back by a little does not begin a period again, and one that was wrong
// by much does not shut an account out for as long.
TEST(QuotaUse, ClockStepsBack) {
  QuotaUse use;
  EXPECT_TRUE(use.take(2, minute, noon, 2));
  EXPECT_FALSE(use.take(2, minute, noon - 1, 1));
  EXPECT_FALSE(use.take(2, minute, noon - 60, 1));
  EXPECT_TRUE(use.take(2, minute, noon - 61, 1));
}

TEST(QuotaUse, Threads) {
  constexpr std::uint32_t most = 10'000;
  QuotaUse use;
  std::vector<std::uint32_t> taken(4);
  std::vector<std::thread> threads;
  for (std::uint32_t& mine : taken)
    threads.emplace_back([&use, &mine] {
      for (std::uint32_t i = 0; i < most; ++i)
        if (use.take(most, day, noon, 1)) ++mine;
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(taken[0] + taken[1] + taken[2] + taken[3], most);
}

}  // namespace
}  // namespace ringgate
