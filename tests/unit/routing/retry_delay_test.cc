#include <gtest/gtest.h>

#include <set>

#include "base/units.h"
#include "routing/outbox.h"

namespace ringgate {
namespace {

// Aim: 1 s doubled up to a minute, plus less than a quarter. Method: many draws per attempt against
// the bounds, for attempts far past the cap too.
TEST(RetryDelay, DoublesUpToAMinute) {
  Prng prng(1);
  const std::int64_t wanted_s[] = {1, 1, 2, 4, 8, 16, 32, 60, 60, 60};
  for (unsigned attempts = 0; attempts < std::size(wanted_s); ++attempts) {
    const Nanos base = seconds(wanted_s[attempts]);
    for (int i = 0; i < 1'000; ++i) {
      const Nanos delay = retry_delay(attempts, prng);
      ASSERT_GE(delay, base) << attempts;
      ASSERT_LT(delay, base + base / 4) << attempts;
    }
  }
  EXPECT_LT(retry_delay(65'535, prng), seconds(75));
}

// Aim: clients that failed together do not come back together. Method: distinct delays.
TEST(RetryDelay, Jitter) {
  Prng prng(1);
  std::set<Nanos> seen;
  for (int i = 0; i < 100; ++i) seen.insert(retry_delay(1, prng));
  EXPECT_GT(seen.size(), 95U);
}

}  // namespace
}  // namespace ringgate
