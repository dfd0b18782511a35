#include "runtime/password_cache.h"

#include <gtest/gtest.h>

namespace ringgate::runtime {
namespace {

using io::PasswordDigest;

constexpr Nanos hour = PasswordCache::lifetime;

// Aim: an entry lives an hour from its last use, and being asked for is a use.
TEST(PasswordCache, Expires) {
  PasswordCache cache;
  Nanos now = seconds(5);
  EXPECT_FALSE(cache.known({1, 1}, now));
  cache.add({1, 1}, now);
  cache.add({2, 2}, now);
  EXPECT_FALSE(cache.known({1, 2}, now));
  now += hour - 1;
  EXPECT_TRUE(cache.known({1, 1}, now));
  now += 1;
  EXPECT_FALSE(cache.known({2, 2}, now));
  EXPECT_EQ(cache.size(), 1U);
  now += hour - 2;
  EXPECT_TRUE(cache.known({1, 1}, now));
  now += hour;
  EXPECT_FALSE(cache.known({1, 1}, now));
  EXPECT_EQ(cache.size(), 0U);
}

// Aim: who has been bound for days is known when the connection is lost and an hour beyond, also
// while a sibling is still bound, and while the old connection has not been found dead yet.
TEST(PasswordCache, HeldByBinds) {
  PasswordCache cache;
  Nanos now = seconds(5);
  cache.hold({1, 1}, now);
  cache.hold({1, 1}, now);
  now += 100 * hour;
  EXPECT_TRUE(cache.known({1, 1}, now));
  cache.release({1, 1}, now);
  now += 100 * hour;
  cache.release({1, 1}, now);
  now += hour - 1;
  EXPECT_TRUE(cache.known({1, 1}, now));
  now += hour;
  EXPECT_FALSE(cache.known({1, 1}, now));
}

// Aim: the table is bounded: the one unused longest goes, never one that is held; and when all are
// held, others are not remembered, which does no harm at their release either.
TEST(PasswordCache, Bound) {
  PasswordCache cache;
  const Nanos now = seconds(5);
  cache.hold({0, 0}, now);
  for (std::uint64_t i = 1; i <= PasswordCache::count_max; ++i) cache.add({i, i}, now);
  EXPECT_EQ(cache.size(), PasswordCache::count_max);
  EXPECT_TRUE(cache.known({0, 0}, now));
  EXPECT_FALSE(cache.known({1, 1}, now));
  EXPECT_TRUE(cache.known({2, 2}, now));
  for (std::uint64_t i = 2; i <= PasswordCache::count_max; ++i) cache.hold({i, i}, now);
  cache.hold({1, 1}, now);
  EXPECT_FALSE(cache.known({1, 1}, now));
  cache.release({1, 1}, now);
  EXPECT_EQ(cache.size(), PasswordCache::count_max);
  cache.release({0, 0}, now);
  cache.hold({1, 1}, now);
  EXPECT_TRUE(cache.known({1, 1}, now));
  EXPECT_FALSE(cache.known({0, 0}, now));
}

}  // namespace
}  // namespace ringgate::runtime
