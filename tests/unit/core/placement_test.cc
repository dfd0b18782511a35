#include "core/placement.h"

#include <gtest/gtest.h>

#include "base/units.h"

namespace ringgate {
namespace {

// Aim: idle shards fill up evenly. Method: place 30 connections and count.
TEST(Placement, EvenByCount) {
  Placement placement(3);
  std::vector<ShardLoad> loads(3);
  for (int i = 0; i < 30; ++i) {
    placement.sample(milliseconds(200) * i, loads);
    ++loads[*placement.choose(loads)].connections;
  }
  for (const ShardLoad& load : loads) EXPECT_EQ(load.connections, 10U);
}

// Aim: a busy shard gets no new connection, however few it has. Method: one connection that does
// 50,000 PDUs a second against a shard with many silent ones.
TEST(Placement, AvoidsTheBusyShard) {
  Placement placement(2);
  std::vector<ShardLoad> loads(2);
  loads[0].connections = 1;
  loads[1].connections = 40;
  for (int i = 1; i <= 20; ++i) {
    loads[0].pdus += 10'000;
    placement.sample(milliseconds(200) * i, loads);
  }
  EXPECT_EQ(placement.choose(loads), 1U);
}

// Aim: rates that are nearly alike do not override the count, and an old rate is forgotten. Method:
// 5 % apart; then ten seconds of silence.
TEST(Placement, NearlyAlikeAndForgotten) {
  Placement placement(2);
  std::vector<ShardLoad> loads(2);
  loads[0].connections = 2;
  loads[1].connections = 3;
  for (int i = 1; i <= 20; ++i) {
    loads[0].pdus += 21'000;
    loads[1].pdus += 20'000;
    placement.sample(milliseconds(200) * i, loads);
  }
  EXPECT_EQ(placement.choose(loads), 0U);
  for (int i = 21; i <= 40; ++i) {
    loads[0].pdus += 40'000;
    placement.sample(milliseconds(200) * i, loads);
  }
  EXPECT_EQ(placement.choose(loads), 1U);
  for (int i = 41; i <= 120; ++i) placement.sample(milliseconds(200) * i, loads);
  EXPECT_EQ(placement.choose(loads), 0U);
}

}  // namespace
}  // namespace ringgate
