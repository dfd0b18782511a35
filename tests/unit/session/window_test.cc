#include "session/window.h"

#include <gtest/gtest.h>

#include <list>
#include <set>

#include "base/prng.h"

namespace ringgate {
namespace {

// Aim: as many as the window holds may be open; each answer makes room for one. Method: fill, close
// one, open one.
TEST(Window, Bound) {
  Window window;
  window.set_size(3);
  EXPECT_EQ(window.size(), 3u);
  EXPECT_EQ(window.deadline(), never);
  EXPECT_EQ(window.open(10, 100), 1u);
  EXPECT_EQ(window.open(20, 101), 2u);
  EXPECT_FALSE(window.full());
  EXPECT_EQ(window.open(30, 102), 3u);
  EXPECT_TRUE(window.full());
  EXPECT_EQ(window.open_count(), 3u);
  std::uint64_t token = 0;
  EXPECT_TRUE(window.close(2, token));
  EXPECT_EQ(token, 20u);
  EXPECT_FALSE(window.full());
  EXPECT_EQ(window.open(40, 103), 4u);
  EXPECT_TRUE(window.full());
}

// Aim: a response is taken once, and only under a number that is open. Method: duplicate, never
// used, 0, and a number that shares a place in the ring.
TEST(Window, UnknownNumbers) {
  Window window;
  window.set_size(4);
  std::uint64_t token = 0;
  EXPECT_FALSE(window.close(1, token));
  const std::uint32_t sequence = window.open(7, 100);
  for (const std::uint32_t wrong : {0u, sequence + 1, sequence + 8, sequence + 0x80000000u, ~0u})
    EXPECT_FALSE(window.close(wrong, token)) << wrong;
  EXPECT_TRUE(window.close(sequence, token));
  EXPECT_FALSE(window.close(sequence, token));
  EXPECT_EQ(window.open_count(), 0u);
}

// Aim: entries expire in the order they were opened, at their deadline and not before. Method:
// three deadlines, the middle one answered.
TEST(Window, Expiry) {
  Window window;
  window.set_size(3);
  window.open(1, 100);
  const std::uint32_t second = window.open(2, 200);
  window.open(3, 300);
  std::uint64_t token = 0;
  EXPECT_EQ(window.deadline(), 100);
  EXPECT_FALSE(window.take_expired(99, token));
  EXPECT_TRUE(window.take_expired(100, token));
  EXPECT_EQ(token, 1u);
  EXPECT_EQ(window.deadline(), 200);
  EXPECT_TRUE(window.close(second, token));
  EXPECT_EQ(window.deadline(), 300);
  EXPECT_FALSE(window.take_expired(299, token));
  EXPECT_TRUE(window.take_oldest(token));
  EXPECT_EQ(token, 3u);
  EXPECT_FALSE(window.take_oldest(token));
  EXPECT_EQ(window.deadline(), never);
}

// Aim: a straggler keeps its place and its number while the ring goes round and round. Method: one
// request that is not answered among thousands that are.
TEST(Window, SkipsAStraggler) {
  Window window;
  window.set_size(4);
  const std::uint32_t straggler = window.open(1, 1'000'000);
  std::uint64_t token = 0;
  std::uint32_t last = straggler;
  for (std::uint64_t i = 2; i < 5'000; ++i) {
    const std::uint32_t sequence = window.open(i, 1'000'000);
    ASSERT_GT(sequence, last);
    ASSERT_LE(sequence, last + 2);
    ASSERT_NE(sequence % 8, straggler % 8);
    last = sequence;
    ASSERT_TRUE(window.close(sequence, token));
    ASSERT_EQ(token, i);
  }
  EXPECT_TRUE(window.close(straggler, token));
  EXPECT_EQ(token, 1u);
}

// Aim: two stragglers expire in their order, whichever way the ring has gone round in between.
// Method: younger entries that lie between the two in the ring.
TEST(Window, StragglersExpireInOrder) {
  Window window;
  window.set_size(4);  // a ring of 8
  std::uint64_t token = 0;
  const std::uint32_t first = window.open(1, 100);  // 1
  window.close(window.open(0, 100), token);         // 2
  window.close(window.open(0, 100), token);         // 3
  window.open(2, 200);                              // 4
  for (int i = 0; i < 4; ++i) window.close(window.open(0, 300), token);
  const std::uint32_t third = window.open(3, 400);  // goes round, to a place between the two
  EXPECT_LT(first % 8, third % 8);
  EXPECT_LT(third % 8, 4u);
  EXPECT_EQ(window.deadline(), 100);
  EXPECT_TRUE(window.take_expired(100, token));
  EXPECT_EQ(token, 1u);
  EXPECT_EQ(window.deadline(), 200);
  EXPECT_TRUE(window.take_expired(200, token));
  EXPECT_EQ(token, 2u);
  EXPECT_EQ(window.deadline(), 400);
}

// Aim: sequence_number runs from 1 to 0x7FFFFFFF and begins again at 1 (5.0 §3.2.4), with requests
// open across the seam. Method: a window that begins shortly before it.
TEST(Window, WrapsAround) {
  Window window(0x7FFFFFFC);
  window.set_size(4);
  EXPECT_EQ(window.take_sequence(), 0x7FFFFFFDu);
  std::uint64_t token = 0;
  EXPECT_EQ(window.open(1, 100), 0x7FFFFFFEu);
  EXPECT_EQ(window.open(2, 200), 0x7FFFFFFFu);
  EXPECT_EQ(window.open(3, 300), 1u);
  EXPECT_EQ(window.open(4, 400), 2u);
  EXPECT_TRUE(window.full());
  EXPECT_EQ(window.deadline(), 100);
  EXPECT_TRUE(window.take_expired(1'000, token));
  EXPECT_EQ(token, 1u);
  EXPECT_EQ(window.deadline(), 200);
  EXPECT_TRUE(window.close(0x7FFFFFFF, token));
  EXPECT_EQ(window.deadline(), 300);
  EXPECT_TRUE(window.close(1, token));
  EXPECT_EQ(token, 3u);
  EXPECT_EQ(window.deadline(), 400);
}

// Aim: numbers, tokens, count and order are right under any traffic. Method: random opens, closes
// and expiries against a list in order of opening.
TEST(Window, RandomAgainstModel) {
  struct Open {
    std::uint32_t sequence;
    std::uint64_t token;
    Nanos deadline;
  };
  for (const std::uint32_t size : {1u, 2u, 3u, 10u, 64u, 100u}) {
    Window window;
    window.set_size(size);
    std::list<Open> model;
    std::set<std::uint32_t> numbers;
    Prng prng(size);
    Nanos now = 0;
    for (int step = 0; step < 30'000; ++step) {
      now += 1;
      ASSERT_EQ(window.open_count(), model.size());
      ASSERT_EQ(window.full(), model.size() == size);
      ASSERT_EQ(window.deadline(), model.empty() ? never : model.front().deadline);
      std::uint64_t token = 0;
      if (prng.chance(0.55)) {
        if (window.full()) continue;
        const std::uint64_t opened = prng.next();
        const std::uint32_t sequence = window.open(opened, now + 500);
        ASSERT_TRUE(numbers.insert(sequence).second) << "used while open";
        model.push_back({sequence, opened, now + 500});
        continue;
      }
      if (prng.chance(0.05)) {
        const bool expired = !model.empty() && model.front().deadline <= now;
        ASSERT_EQ(window.take_expired(now, token), expired);
        if (!expired) continue;
        ASSERT_EQ(token, model.front().token);
        numbers.erase(model.front().sequence);
        model.pop_front();
        continue;
      }
      if (model.empty()) continue;
      auto victim = model.begin();
      // Any one for a while, which makes stragglers, then the oldest, as most answers come.
      if (step % 1'000 < 800) std::advance(victim, static_cast<long>(prng.below(model.size())));
      ASSERT_TRUE(window.close(victim->sequence, token));
      ASSERT_EQ(token, victim->token);
      numbers.erase(victim->sequence);
      model.erase(victim);
    }
  }
}

// Aim: opening more than fits is our own mistake and is caught. Method: death test.
TEST(WindowDeathTest, Full) {
  Window window;
  window.set_size(1);
  window.open(1, 1);
  EXPECT_DEATH(window.open(2, 2), "assertion failed");
}

// Aim: a window grows and shrinks with whatever is open, and every answer still finds its request.
// Method: random sizes while requests open, are answered and expire; a list is the model.
TEST(Window, Resized) {
  Prng prng(11);
  Window window;
  window.set_size(2);
  std::list<std::pair<std::uint32_t, std::uint64_t>> open;
  std::uint64_t next = 1;
  for (int i = 0; i < 20'000; ++i) {
    if (prng.chance(0.05)) window.resize(static_cast<std::uint32_t>(1 + prng.below(200)));
    if (!window.full() && prng.chance(0.6)) {
      open.emplace_back(window.open(next, static_cast<Nanos>(next)), next);
      ++next;
    } else if (!open.empty()) {
      auto at = open.begin();
      if (prng.chance(0.7)) std::advance(at, static_cast<long>(prng.below(open.size())));
      std::uint64_t token = 0;
      if (at == open.begin() && prng.chance(0.3)) {
        ASSERT_TRUE(window.take_oldest(token));
      } else {
        ASSERT_TRUE(window.close(at->first, token));
      }
      ASSERT_EQ(token, at->second);
      open.erase(at);
    }
    ASSERT_EQ(window.open_count(), open.size());
    ASSERT_EQ(window.full(), open.size() >= window.size());
    ASSERT_EQ(window.deadline(), open.empty() ? never : static_cast<Nanos>(open.front().second));
  }
}

}  // namespace
}  // namespace ringgate
