#include "base/intrusive_list.h"

#include <gtest/gtest.h>

#include <array>
#include <list>
#include <vector>

#include "base/prng.h"

namespace ringgate {
namespace {

struct Item {
  int number = 0;
  ListLink first;
  ListLink second;
};

using First = IntrusiveList<Item, &Item::first>;
using Second = IntrusiveList<Item, &Item::second>;

std::vector<int> numbers(First& list) {
  std::vector<int> result;
  for (Item* item = list.front(); item != nullptr; item = list.next(*item)) {
    result.push_back(item->number);
  }
  return result;
}

// Aim: both ends, the middle, and emptiness. Method: a short script with the expected order after
// each step.
TEST(IntrusiveList, Order) {
  std::array<Item, 3> items = {Item{1, {}, {}}, Item{2, {}, {}}, Item{3, {}, {}}};
  First list;
  EXPECT_TRUE(list.empty());
  EXPECT_EQ(list.front(), nullptr);
  EXPECT_EQ(list.pop_front(), nullptr);

  list.push_back(items[1]);
  list.push_back(items[2]);
  list.push_front(items[0]);
  EXPECT_EQ(numbers(list), (std::vector<int>{1, 2, 3}));
  EXPECT_EQ(list.size(), 3U);

  list.remove(items[1]);
  EXPECT_FALSE(items[1].first.linked());
  EXPECT_EQ(numbers(list), (std::vector<int>{1, 3}));

  EXPECT_EQ(list.pop_front(), &items[0]);
  EXPECT_EQ(list.pop_front(), &items[2]);
  EXPECT_TRUE(list.empty());
  EXPECT_EQ(list.size(), 0U);
}

// Aim: an element can be in two lists at once, one link each. Method: leave one list, stay in the
// other.
TEST(IntrusiveList, TwoLists) {
  Item item;
  First first;
  Second second;
  first.push_back(item);
  second.push_back(item);
  first.remove(item);
  EXPECT_TRUE(first.empty());
  EXPECT_EQ(second.front(), &item);
  EXPECT_TRUE(item.second.linked());
}

// Aim: a whole list moves behind or in front of another, keeps its order, and leaves an empty list
// that goes on working. Method: both ends, into and from empty lists.
TEST(IntrusiveList, Splice) {
  std::array<Item, 6> items;
  for (std::size_t i = 0; i < items.size(); ++i) items[i].number = static_cast<int>(i);
  First list, other;
  list.append(other);
  EXPECT_TRUE(list.empty());
  for (const std::size_t i : {2U, 3U}) other.push_back(items[i]);
  list.append(other);
  EXPECT_TRUE(other.empty());
  EXPECT_EQ(other.size(), 0U);
  EXPECT_EQ(numbers(list), (std::vector<int>{2, 3}));
  for (const std::size_t i : {4U, 5U}) other.push_back(items[i]);
  list.append(other);
  for (const std::size_t i : {0U, 1U}) other.push_back(items[i]);
  list.prepend(other);
  EXPECT_EQ(numbers(list), (std::vector<int>{0, 1, 2, 3, 4, 5}));
  EXPECT_EQ(list.size(), 6U);
  for (int i = 0; i < 6; ++i) EXPECT_EQ(list.pop_front()->number, i);
  EXPECT_TRUE(list.empty());
}

// Aim: any sequence of operations keeps order and size. Method: random operations against
// std::list.
TEST(IntrusiveList, RandomAgainstModel) {
  std::array<Item, 50> items;
  for (std::size_t i = 0; i < items.size(); ++i) items[i].number = static_cast<int>(i);
  First list;
  std::list<int> model;
  Prng prng(3);
  for (int step = 0; step < 20'000; ++step) {
    Item& item = items[prng.below(items.size())];
    if (item.first.linked()) {
      list.remove(item);
      model.remove(item.number);
    } else if (prng.chance(0.5)) {
      list.push_back(item);
      model.push_back(item.number);
    } else {
      list.push_front(item);
      model.push_front(item.number);
    }
    ASSERT_EQ(numbers(list), std::vector<int>(model.begin(), model.end()));
    ASSERT_EQ(list.size(), model.size());
  }
}

// Aim: linking twice and unlinking what is not linked are caught. Method: death tests.
TEST(IntrusiveListDeathTest, Misuse) {
  Item item;
  First list;
  EXPECT_DEATH(list.remove(item), "assertion failed");
  list.push_back(item);
  EXPECT_DEATH(list.push_back(item), "assertion failed");
}

}  // namespace
}  // namespace ringgate
