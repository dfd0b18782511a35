#include "policy/guesses.h"

#include <gtest/gtest.h>

namespace ringgate {
namespace {

using Block = Guesses::Block;

constexpr Nanos start = seconds(1'000);

// Aim: the first mistakes cost nothing more than any refusal; then the connection is kept longer
// and longer, up to a bound; then the pair is blocked for a while, and nobody else.
TEST(Guesses, SlowThenBlocked) {
  Guesses guesses({}, 1);
  const Nanos delays[] = {seconds(1), seconds(1), seconds(1), seconds(1), seconds(1),
                          seconds(2), seconds(4), seconds(8), seconds(8)};
  Nanos now = start;
  for (const Nanos delay : delays) {
    EXPECT_EQ(guesses.blocked("a", "esme", now), Block::none);
    const auto failure = guesses.failed("a", "esme", now += milliseconds(50));
    EXPECT_EQ(failure.delay, delay);
    EXPECT_EQ(failure.begun, Block::none);
  }
  EXPECT_EQ(guesses.failed("a", "esme", now).begun, Block::pair);
  EXPECT_EQ(guesses.blocked("a", "esme", now), Block::pair);
  EXPECT_EQ(guesses.blocked("b", "esme", now), Block::none);
  EXPECT_EQ(guesses.blocked("a", "other", now), Block::none);
  EXPECT_EQ(guesses.blocked("aesme", "", now), Block::none);
  guesses.succeeded("a", "esme", now);
  EXPECT_EQ(guesses.blocked("a", "esme", now), Block::pair);
  // Those under way meanwhile do not make it longer, and are not told of again.
  now += seconds(59);
  EXPECT_EQ(guesses.failed("a", "esme", now).begun, Block::none);
  EXPECT_EQ(guesses.blocked("a", "esme", now), Block::pair);
  now += seconds(1);
  EXPECT_EQ(guesses.blocked("a", "esme", now), Block::none);
  for (int i = 0; i < 3 && guesses.blocked("a", "esme", now) == Block::none; ++i)
    guesses.failed("a", "esme", now);
  EXPECT_EQ(guesses.blocked("a", "esme", now), Block::pair);
}

// Aim: over a day, a guesser has no more guesses at one account than the limit allows. Method: one
// that uses every chance at once.
TEST(Guesses, GuessesOfADay) {
  Guesses guesses({}, 1);
  unsigned heard = 0;
  for (Nanos now = start; now < start + seconds(86'400); now += milliseconds(100)) {
    if (guesses.blocked("a", "esme", now) != Block::none) continue;
    guesses.failed("a", "esme", now);
    ++heard;
  }
  // Ten in five minutes, and ten at first.
  EXPECT_LE(heard, 10U + 86'400 / 30 + 10);
}

// Aim: success forgives the pair, time forgives both: a client that comes with an old password
// every half minute is never blocked, nor are its neighbours at that address.
TEST(Guesses, Forgiven) {
  Guesses guesses({}, 1);
  for (int i = 0; i < 50; ++i) {
    for (int failures = 0; failures < 9; ++failures) guesses.failed("a", "esme", start + i);
    EXPECT_EQ(guesses.blocked("b", "esme", start + i), Block::none);
    guesses.succeeded("a", "esme", start + i);
    if (guesses.blocked("a", "x", start + i) == Block::address) break;
  }
  // Whoever has one account cannot guess at others for ever.
  EXPECT_EQ(guesses.blocked("a", "x", start + 50), Block::address);
  for (int i = 0; i < 10'000; ++i) {
    const Nanos now = start + seconds(30) * i;
    EXPECT_EQ(guesses.blocked("old", "esme", now), Block::none);
    EXPECT_EQ(guesses.failed("old", "esme", now).begun, Block::none);
  }
}

// Aim: whoever tries many names is blocked altogether, other addresses are not.
TEST(Guesses, ManyNames) {
  Guesses guesses({}, 1);
  for (int i = 0; i < 99; ++i)
    EXPECT_EQ(guesses.failed("a", std::to_string(i), start).begun, Block::none);
  EXPECT_EQ(guesses.failed("a", "99", start).begun, Block::address);
  EXPECT_EQ(guesses.blocked("a", "esme", start), Block::address);
  EXPECT_EQ(guesses.blocked("b", "99", start), Block::none);
  EXPECT_EQ(guesses.blocked("a", "esme", start + seconds(60)), Block::none);
}

// Aim: 0 switches each limit off, and then nothing of it is remembered.
TEST(Guesses, Off) {
  GuessLimits limits;
  limits.pair_max = limits.address_max = 0;
  Guesses guesses(limits, 1);
  for (int i = 0; i < 1'000; ++i) {
    const auto failure = guesses.failed("a", "esme", start);
    EXPECT_EQ(failure.delay, seconds(1));
    EXPECT_EQ(failure.begun, Block::none);
  }
  guesses.succeeded("a", "esme", start);
  EXPECT_EQ(guesses.blocked("a", "esme", start), Block::none);
  EXPECT_EQ(guesses.size(), 0U);
}

// Aim: the smallest limit blocks at the first failure.
TEST(Guesses, One) {
  GuessLimits limits;
  limits.pair_max = 1;
  Guesses guesses(limits, 1);
  EXPECT_EQ(guesses.failed("a", "esme", start).begun, Block::pair);
  EXPECT_EQ(guesses.blocked("a", "esme", start), Block::pair);
}

// Aim: the tables are bounded; who was heard of longest ago goes first. Method: more than fit, with
// one pair that keeps failing.
TEST(Guesses, Bound) {
  Guesses guesses({}, 1);
  for (std::size_t i = 0; i < 2 * Guesses::count_max; ++i) {
    guesses.failed("address" + std::to_string(i), "esme", start);
    if (i % 1'000 == 0) guesses.failed("steady", "esme", start);
  }
  EXPECT_EQ(guesses.size(), 2 * Guesses::count_max);
  EXPECT_EQ(guesses.blocked("steady", "esme", start), Block::pair);
}

}  // namespace
}  // namespace ringgate
