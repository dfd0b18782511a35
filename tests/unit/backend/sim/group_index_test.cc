#include "backend/sim/group_index.h"

#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <vector>

#include "base/prng.h"

namespace ringgate {
namespace {

struct Item {
  std::uint32_t key = 0;
  std::uint32_t number = 0;
  GroupLink link;
};

// Aim: every key finds its own, oldest first, whatever shares a bucket or a hash with it. Method:
// random additions and removals of few keys with fewer hashes, against a map of queues.
TEST(GroupIndex, RandomAgainstModel) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Prng prng(seed);
    Slab<Item> slab(1 + static_cast<std::uint32_t>(prng.below(200)));
    GroupIndex<Item, &Item::link> index(slab);
    std::map<std::uint32_t, std::deque<Item*>> model;
    std::vector<Item*> all;
    const auto hash = [](std::uint32_t key) { return key % 7; };
    for (std::uint32_t step = 0; step < 5'000; ++step) {
      const auto key = static_cast<std::uint32_t>(prng.below(20));
      if (prng.chance(0.5)) {
        Item* const item = slab.take();
        if (item == nullptr) continue;
        *item = {key, step, {}};
        index.add(*item, hash(key), [&](const Item& other) { return other.key == key; });
        model[key].push_back(item);
        all.push_back(item);
      } else if (!all.empty()) {
        const std::size_t at = prng.below(all.size());
        Item* const item = all[at];
        all.erase(all.begin() + static_cast<std::ptrdiff_t>(at));
        std::erase(model[item->key], item);
        index.remove(*item);
        slab.give(item);
      }
      std::deque<Item*> found;
      Item* oldest = index.find(hash(key), [&](const Item& other) { return other.key == key; });
      if (oldest != nullptr && model[key].size() > 0) {
        EXPECT_EQ(&index.newest(*oldest), model[key].back());
      }
      for (Item* one = oldest; one != nullptr; one = index.next(*one)) found.push_back(one);
      ASSERT_EQ(found, model[key]) << "seed " << seed << " step " << step;
    }
  }
}

}  // namespace
}  // namespace ringgate
