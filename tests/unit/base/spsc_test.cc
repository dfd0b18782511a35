#include "base/spsc.h"

#include <gtest/gtest.h>

#include <deque>
#include <thread>
#include <vector>

#include "base/prng.h"

namespace ringgate {
namespace {

struct Descriptor {
  std::uint64_t number = 0;
  std::uint64_t twice = 0;
};

// Aim: staged items stay hidden until published, and publishing nothing says so. Method: a short
// script on one thread.
TEST(Spsc, Publication) {
  Spsc<int> queue(4);
  std::vector<int> drained;
  const auto keep = [&drained](const int& number) { drained.push_back(number); };
  EXPECT_TRUE(queue.empty());
  EXPECT_FALSE(queue.publish());
  EXPECT_TRUE(queue.stage(1));
  EXPECT_TRUE(queue.stage(2));
  EXPECT_TRUE(queue.empty());
  EXPECT_EQ(queue.drain(10, keep), 0U);
  EXPECT_TRUE(queue.publish());
  EXPECT_FALSE(queue.publish());
  EXPECT_FALSE(queue.empty());
  EXPECT_EQ(queue.drain(1, keep), 1U);
  EXPECT_FALSE(queue.empty());
  EXPECT_EQ(queue.drain(10, keep), 1U);
  EXPECT_TRUE(queue.empty());
  EXPECT_EQ(drained, (std::vector<int>{1, 2}));
}

// Aim: the whole capacity is usable, a full queue refuses, and staged items count. Method:
// overfill, drain one, stage one.
TEST(Spsc, Full) {
  Spsc<int> queue(4);
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(queue.stage(i));
  EXPECT_FALSE(queue.stage(4));
  EXPECT_TRUE(queue.publish());
  EXPECT_FALSE(queue.stage(4));
  EXPECT_EQ(queue.drain(1, [](const int& number) { EXPECT_EQ(number, 0); }), 1U);
  EXPECT_TRUE(queue.stage(4));
  EXPECT_FALSE(queue.stage(5));
}

// Aim: room is not released before the last call of a drain. Method: try to stage from within.
TEST(Spsc, ReleasesOnce) {
  Spsc<int> queue(2);
  queue.stage(1);
  queue.stage(2);
  queue.publish();
  EXPECT_EQ(queue.drain(2, [&queue](const int&) { EXPECT_FALSE(queue.stage(3)); }), 2U);
  EXPECT_TRUE(queue.stage(3));
}

// Aim: any interleaving of batches keeps order and loses nothing. Method: random operations against
// two deques.
TEST(Spsc, RandomAgainstModel) {
  constexpr std::uint32_t capacity = 16;
  Spsc<std::uint64_t> queue(capacity);
  std::deque<std::uint64_t> staged;
  std::deque<std::uint64_t> published;
  std::uint64_t number = 0;
  Prng prng(5);
  for (int step = 0; step < 100'000; ++step) {
    switch (prng.below(4)) {
      case 0:
        ASSERT_EQ(queue.publish(), !staged.empty());
        published.insert(published.end(), staged.begin(), staged.end());
        staged.clear();
        break;
      case 1: {
        const auto max = static_cast<std::uint32_t>(prng.below(capacity + 2));
        const std::size_t wanted = std::min<std::size_t>(max, published.size());
        const std::uint32_t drained = queue.drain(max, [&published](const std::uint64_t& item) {
          EXPECT_EQ(item, published.front());
          published.pop_front();
        });
        ASSERT_EQ(drained, wanted);
        break;
      }
      default:
        ASSERT_EQ(queue.stage(number), staged.size() + published.size() < capacity);
        if (staged.size() + published.size() < capacity) staged.push_back(number);
        ++number;
    }
    ASSERT_EQ(queue.empty(), published.empty());
  }
}

// Aim: between two threads every item arrives once, in order and whole. Method: a million numbers
// through a queue small enough to be full and empty often, in batches of changing size;
// ThreadSanitizer judges the orderings.
TEST(Spsc, TwoThreads) {
  constexpr std::uint64_t total = 1'000'000;
  Spsc<Descriptor> queue(256);
  std::thread producer([&] {
    std::uint64_t next = 0;
    std::uint64_t batch = 1;
    while (next < total) {
      const std::uint64_t end = std::min(total, next + batch);
      while (next < end && queue.stage(Descriptor{next, next * 2})) ++next;
      if (!queue.publish()) std::this_thread::yield();
      batch = batch % 67 + 1;
    }
  });
  std::uint64_t expected = 0;
  bool whole = true;
  while (expected < total) {
    const std::uint32_t count = queue.drain(100, [&](const Descriptor& item) {
      whole = whole && item.number == expected && item.twice == expected * 2;
      ++expected;
    });
    if (count == 0) std::this_thread::yield();
  }
  producer.join();
  EXPECT_TRUE(whole);
  EXPECT_EQ(expected, total);
  EXPECT_TRUE(queue.empty());
}

// Aim: a capacity that is no power of two is caught. Method: death test.
TEST(SpscDeathTest, Capacity) {
  EXPECT_DEATH(Spsc<int>(3), "assertion failed");
  EXPECT_DEATH(Spsc<int>(0), "assertion failed");
}

}  // namespace
}  // namespace ringgate
