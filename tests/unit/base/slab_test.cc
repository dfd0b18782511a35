#include "base/slab.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <vector>

#include "base/prng.h"

namespace ringgate {
namespace {

struct Pair {
  int left = 0;
  int right = 0;
};

// Aim: the bound is exact, and room returns with the first object given back. Method: fill,
// overfill, give one, take one.
TEST(Slab, Exhaustion) {
  Slab<Pair> slab(3);
  std::vector<Pair*> pairs;
  for (int i = 0; i < 3; ++i) pairs.push_back(slab.take(i, -i));
  EXPECT_EQ(slab.in_use(), 3U);
  EXPECT_EQ(slab.take(), nullptr);
  EXPECT_EQ(slab.in_use(), 3U);
  slab.give(pairs[1]);
  EXPECT_EQ(slab.in_use(), 2U);
  EXPECT_EQ(slab.take(), pairs[1]);
  EXPECT_EQ(slab.take(), nullptr);
  EXPECT_EQ(pairs[2]->left, 2);
  EXPECT_EQ(pairs[2]->right, -2);
}

// Aim: the slot given back last, still in cache, is taken first, before any that was never touched.
// Method: order of addresses.
TEST(Slab, LastInFirstOut) {
  Slab<Pair> slab(8);
  Pair* const first = slab.take();
  Pair* const second = slab.take();
  Pair* const third = slab.take();
  slab.give(first);
  slab.give(third);
  slab.give(second);
  EXPECT_EQ(slab.take(), second);
  EXPECT_EQ(slab.take(), third);
  EXPECT_EQ(slab.take(), first);
  EXPECT_EQ(slab.index_of(slab.take()), 3U);
}

// Aim: an object is fresh whatever lay in its slot. Method: dirty a slot, give it, take it without
// arguments.
TEST(Slab, ValueInitialised) {
  struct Plain {
    int words[4];
  };
  Slab<Plain> slab(1);
  Plain* plain = slab.take();
  for (int& word : plain->words) word = -1;
  slab.give(plain);
  plain = slab.take();
  for (const int word : plain->words) EXPECT_EQ(word, 0);
}

// Aim: constructors and destructors run once each, and arguments are forwarded. Method: an object
// that owns a shared_ptr.
TEST(Slab, Lifetime) {
  struct Owner {
    explicit Owner(std::shared_ptr<int> p) : pointer(std::move(p)) {}
    std::shared_ptr<int> pointer;
  };
  const auto counted = std::make_shared<int>(1);
  Slab<Owner> slab(2);
  Owner* const owner = slab.take(counted);
  EXPECT_EQ(counted.use_count(), 2);
  slab.give(owner);
  EXPECT_EQ(counted.use_count(), 1);
}

// Aim: types that ask for more alignment than malloc gives get it. Method: look at the addresses.
TEST(Slab, Alignment) {
  struct alignas(128) Line {
    int number;
  };
  Slab<Line> slab(5);
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(slab.take()) % 128, 0U);
  }
}

// Aim: live objects keep address, index and content, whatever comes and goes around them.
// Method: random takes and gives against a map from index to content.
TEST(Slab, RandomAgainstModel) {
  constexpr std::uint32_t capacity = 100;
  Slab<Pair> slab(capacity);
  std::map<std::uint32_t, int> model;
  Prng prng(4);
  for (int step = 0; step < 50'000; ++step) {
    if (prng.chance(0.52)) {
      Pair* const pair = slab.take(step, step);
      ASSERT_EQ(pair == nullptr, model.size() == capacity);
      if (pair == nullptr) continue;
      const std::uint32_t index = slab.index_of(pair);
      ASSERT_LT(index, capacity);
      ASSERT_EQ(&slab.at(index), pair);
      ASSERT_TRUE(model.emplace(index, step).second);
    } else if (!model.empty()) {
      auto victim = model.lower_bound(static_cast<std::uint32_t>(prng.below(capacity)));
      if (victim == model.end()) victim = model.begin();
      Pair& pair = slab.at(victim->first);
      ASSERT_EQ(pair.left, victim->second);
      ASSERT_EQ(pair.right, victim->second);
      slab.give(&pair);
      model.erase(victim);
    }
    ASSERT_EQ(slab.in_use(), model.size());
  }
}

// Aim: a stranger's object and an index out of range are caught. Method: death tests.
TEST(SlabDeathTest, Misuse) {
  Slab<Pair> slab(2);
  Slab<Pair> other(2);
  Pair* const pair = other.take();
  EXPECT_DEATH(slab.give(pair), "assertion failed");
  EXPECT_DEATH(slab.at(2), "assertion failed");
}

}  // namespace
}  // namespace ringgate
