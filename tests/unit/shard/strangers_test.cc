#include "shard/strangers.h"

#include <gtest/gtest.h>

#include <deque>

namespace ringgate {
namespace {

struct Line {
  explicit Line(const StrangerLimits& limits) : strangers(limits, 1, gauge) {}
  Stranger& come(const std::string& address) {
    Stranger& one = all.emplace_back();
    one.address = address;
    // Only its identity counts here.
    one.connection = reinterpret_cast<Connection*>(&one);
    strangers.add(one, 0);
    return one;
  }
  static Connection* of(Stranger& one) { return one.connection; }

  std::deque<Stranger> all;
  Counter gauge;
  Strangers strangers;
};

// Aim: nobody gives way while there is room, then the one that has been silent longest, of the same
// address where that has its share. Method: two addresses, each bound reached in turn.
TEST(Strangers, WhoGivesWay) {
  Line line({4, 2});
  Stranger& a = line.come("a");
  Stranger& b = line.come("b");
  EXPECT_EQ(line.strangers.in_the_way("a"), nullptr);
  Stranger& a2 = line.come("a");
  EXPECT_EQ(line.strangers.in_the_way("a"), Line::of(a));
  EXPECT_EQ(line.strangers.in_the_way("c"), nullptr);
  line.strangers.heard(a, 0);
  EXPECT_EQ(line.strangers.in_the_way("a"), Line::of(a2));
  EXPECT_EQ(line.strangers.most_silent(), Line::of(b));
  line.come("c");
  EXPECT_EQ(line.strangers.in_the_way("d"), Line::of(b));
}

// Aim: who has bound is no stranger any more, and being removed or heard of twice is harmless.
// Method: remove all, in any order.
TEST(Strangers, Leave) {
  Line line({4, 2});
  Stranger& a = line.come("a");
  Stranger& b = line.come("a");
  line.strangers.remove(a);
  line.strangers.remove(a);
  line.strangers.heard(a, 0);
  EXPECT_EQ(line.strangers.count(), 1u);
  EXPECT_EQ(line.strangers.in_the_way("a"), nullptr);
  line.strangers.remove(b);
  EXPECT_EQ(line.strangers.count(), 0u);
  EXPECT_EQ(line.strangers.most_silent(), nullptr);
}

}  // namespace
}  // namespace ringgate
