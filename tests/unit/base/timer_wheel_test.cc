#include "base/timer_wheel.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <set>
#include <utility>
#include <vector>

#include "base/prng.h"

namespace ringgate {
namespace {

constexpr Nanos day = seconds(86'400);

std::vector<TimerNode*> advance(TimerWheel& wheel, Nanos now) {
  std::vector<TimerNode*> fired;
  wheel.advance(now, [&](TimerNode& node) {
    EXPECT_FALSE(node.armed());
    EXPECT_LE(node.at, now);
    fired.push_back(&node);
  });
  return fired;
}

using Fired = std::vector<TimerNode*>;

// Aim: a timer fires when its time has come to the nanosecond, not before, and once. Method: one
// nanosecond on either side.
TEST(TimerWheel, FiresExactly) {
  for (const Nanos delay : {Nanos{1}, microseconds(700), milliseconds(1), milliseconds(255) + 7,
                            seconds(3), day, 60 * day}) {
    const Nanos origin = 12'345'678'901;
    TimerWheel wheel(origin);
    TimerNode node;
    EXPECT_EQ(wheel.next_deadline(), never);
    wheel.arm(node, origin + delay);
    EXPECT_TRUE(node.armed());
    EXPECT_LE(wheel.next_deadline(), origin + delay);
    EXPECT_EQ(advance(wheel, origin + delay - 1), Fired{});
    EXPECT_EQ(advance(wheel, origin + delay), Fired{&node});
    EXPECT_EQ(advance(wheel, origin + 2 * delay), Fired{});
    EXPECT_EQ(wheel.next_deadline(), never);
  }
}

// Aim: times in the past fire at the next advance, even with the same now. Method: arm at now,
// before now, before the origin.
TEST(TimerWheel, Past) {
  TimerWheel wheel(seconds(10));
  EXPECT_EQ(advance(wheel, seconds(20)), Fired{});
  TimerNode node;
  for (const Nanos at :
       {seconds(20), seconds(15), seconds(1), Nanos{0}, std::numeric_limits<Nanos>::min()}) {
    wheel.arm(node, at);
    EXPECT_EQ(wheel.next_deadline(), at);
    EXPECT_EQ(advance(wheel, seconds(20)), Fired{&node});
  }
}

// Aim: disarmed timers do not fire, disarming twice is harmless, `never` disarms. Method: a short
// script.
TEST(TimerWheel, Disarm) {
  TimerWheel wheel(0);
  TimerNode node;
  wheel.disarm(node);
  wheel.arm(node, seconds(1));
  wheel.disarm(node);
  wheel.disarm(node);
  EXPECT_EQ(node.at, never);
  EXPECT_EQ(wheel.next_deadline(), never);
  wheel.arm(node, seconds(1));
  wheel.arm(node, never);
  EXPECT_FALSE(node.armed());
  EXPECT_EQ(wheel.next_deadline(), never);
  EXPECT_EQ(advance(wheel, day), Fired{});
}

// Aim: arming again moves a timer both ways, across levels. Method: later, then earlier.
TEST(TimerWheel, Rearm) {
  TimerWheel wheel(0);
  TimerNode node;
  wheel.arm(node, milliseconds(5));
  wheel.arm(node, seconds(100));
  EXPECT_EQ(advance(wheel, seconds(50)), Fired{});
  wheel.arm(node, seconds(50) + 1);
  EXPECT_EQ(advance(wheel, seconds(50)), Fired{});
  EXPECT_EQ(advance(wheel, seconds(50) + 1), Fired{&node});
}

// Aim: callbacks may do what they like. Method: one timer arms itself in the past, disarms a second
// that is due as well, moves a third that is due into the future, and arms a fourth.
TEST(TimerWheel, Reentrancy) {
  TimerWheel wheel(0);
  TimerNode self;
  TimerNode disarmed;
  TimerNode moved;
  TimerNode fresh;
  wheel.arm(self, milliseconds(1));
  wheel.arm(disarmed, milliseconds(2));
  wheel.arm(moved, milliseconds(3));
  int calls = 0;
  wheel.advance(milliseconds(10), [&](TimerNode& node) {
    ++calls;
    EXPECT_EQ(&node, &self);
    EXPECT_TRUE(disarmed.armed());
    wheel.disarm(disarmed);
    wheel.arm(moved, milliseconds(20));
    wheel.arm(fresh, milliseconds(30));
    wheel.arm(self, milliseconds(1));
  });
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(advance(wheel, milliseconds(10)), Fired{&self});
  EXPECT_EQ(advance(wheel, milliseconds(20)), Fired{&moved});
  EXPECT_EQ(advance(wheel, milliseconds(30)), Fired{&fresh});
  EXPECT_EQ(wheel.next_deadline(), never);
}

// Aim: an owner that sleeps exactly until next_deadline() meets every deadline without ever
// spinning. Method: lone timers at many distances; count the wake-ups.
TEST(TimerWheel, FewWakes) {
  Prng prng(8);
  for (int round = 0; round < 2000; ++round) {
    Nanos now = static_cast<Nanos>(prng.below(static_cast<std::uint64_t>(day)));
    TimerWheel wheel(now);
    now += static_cast<Nanos>(prng.below(std::uint64_t{1} << prng.below(50)));
    ASSERT_EQ(advance(wheel, now), Fired{});
    TimerNode node;
    const Nanos at = now + static_cast<Nanos>(prng.below(std::uint64_t{1} << prng.below(58)));
    wheel.arm(node, at);
    // One wake per level, one at the tick, one at the time, and one per 49 days for a timer out of
    // reach.
    const Nanos wakes_max = 6 + (at - now) / (49 * day);
    Nanos wakes = 0;
    while (node.armed()) {
      ASSERT_LE(wheel.next_deadline(), at);
      now = std::max(now, wheel.next_deadline());
      advance(wheel, now);
      ASSERT_LE(++wakes, wakes_max);
    }
    ASSERT_EQ(now, at);
  }
}

// Aim: next_deadline() of a near timer is early by less than a tick. Method: random distances
// within level 0.
TEST(TimerWheel, NearDeadlinesAreTight) {
  Prng prng(9);
  TimerWheel wheel(0);
  Nanos now = 0;
  for (int round = 0; round < 10'000; ++round) {
    now += static_cast<Nanos>(prng.below(static_cast<std::uint64_t>(milliseconds(3))));
    advance(wheel, now);
    TimerNode node;
    TimerNode decoy;
    const Nanos at =
        now + static_cast<Nanos>(prng.below(static_cast<std::uint64_t>(milliseconds(200))));
    wheel.arm(decoy, (now + at) / 2);
    wheel.arm(node, at);
    wheel.disarm(decoy);
    ASSERT_LE(wheel.next_deadline(), at);
    ASSERT_GT(wheel.next_deadline(), at - milliseconds(1));
    wheel.disarm(node);
  }
}

// Aim: thousands of random operations agree with a sorted list of deadlines, with idle times from
// nothing to months, which cross every cascade boundary and the end of the reach. Method: a set of
// (time, node) as reference; callbacks arm and disarm too.
class TimerWheelModel {
 public:
  TimerWheelModel(std::uint64_t seed, Nanos origin, Nanos tick)
      : prng_(seed), now_(origin), wheel_(origin, tick), nodes_(200) {}

  void run(int steps) {
    for (int step = 0; step < steps; ++step) {
      const std::uint64_t choice = prng_.below(10);
      if (choice < 5) {
        arm(any(), later());
      } else if (choice < 7) {
        disarm(any());
      } else {
        advance(choice < 9 ? later() : std::max(now_, wheel_.next_deadline()));
      }
      check_deadline();
      if (testing::Test::HasFailure()) return;
    }
  }

 private:
  using Entry = std::pair<Nanos, TimerNode*>;

  TimerNode& any() { return nodes_[prng_.below(nodes_.size())]; }

  // All magnitudes from a nanosecond to 2^53 ns, a hundred days.
  Nanos later() {
    return now_ + static_cast<Nanos>(prng_.below(std::uint64_t{1} << prng_.below(54)));
  }

  void arm(TimerNode& node, Nanos at) {
    model_.erase({node.at, &node});
    wheel_.arm(node, at);
    model_.emplace(at, &node);
  }

  void disarm(TimerNode& node) {
    EXPECT_EQ(node.armed(), model_.contains({node.at, &node}));
    model_.erase({node.at, &node});
    wheel_.disarm(node);
  }

  void advance(Nanos now) {
    if (now == never) return;
    now_ = now;
    std::set<TimerNode*> rearmed;
    wheel_.advance(now, [&](TimerNode& node) {
      EXPECT_LE(node.at, now);
      EXPECT_FALSE(node.armed());
      EXPECT_FALSE(rearmed.contains(&node));
      EXPECT_EQ(model_.erase({node.at, &node}), 1U);
      if (prng_.chance(0.2)) disarm(any());
      if (prng_.chance(0.4)) {
        TimerNode& other = prng_.chance(0.5) ? node : any();
        arm(other, prng_.chance(0.1) ? now - 1 : later());
        rearmed.insert(&other);
      }
    });
    // Whatever is still due was armed during the call.
    for (const auto& [at, node] : model_) {
      if (at > now) break;
      EXPECT_TRUE(rearmed.contains(node));
    }
  }

  void check_deadline() {
    if (model_.empty()) {
      EXPECT_EQ(wheel_.next_deadline(), never);
    } else {
      EXPECT_LE(wheel_.next_deadline(), model_.begin()->first);
    }
  }

  Prng prng_;
  Nanos now_;
  TimerWheel wheel_;
  std::vector<TimerNode> nodes_;
  std::set<Entry> model_;
};

TEST(TimerWheel, RandomAgainstSortedModel) {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    SCOPED_TRACE(seed);
    const Nanos origin = static_cast<Nanos>(seed * 999'999'999'937);
    TimerWheelModel(seed, origin, seed % 4 == 0 ? microseconds(10) : milliseconds(1)).run(5'000);
    if (HasFailure()) return;
  }
}

// Aim: a flood of timers is worked off in bounded steps, those that cascade as well, and none fires
// early, late or twice. Method: masses due in the same ticks, near and far; small steps, with
// arming and disarming between them, against the time each is due.
TEST(TimerWheel, InSteps) {
  constexpr std::size_t step_max = 7;
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    Prng prng(seed);
    Nanos now = 0;
    TimerWheel wheel(now);
    std::vector<TimerNode> nodes(2'000);
    std::set<TimerNode*> armed;
    const auto arm = [&](TimerNode& node) {
      static constexpr Nanos far[] = {milliseconds(1), milliseconds(300), seconds(70), day};
      const Nanos reach = far[prng.below(4)];
      // Few different times, some of them past.
      wheel.arm(node, now - milliseconds(1) + reach / 4 * static_cast<Nanos>(prng.below(5)));
      armed.insert(&node);
    };
    for (TimerNode& node : nodes) arm(node);
    while (!armed.empty()) {
      const Nanos deadline = wheel.next_deadline();
      ASSERT_NE(deadline, never);
      now = std::max(now, deadline) + (prng.chance(0.1) ? seconds(1) : 0);
      std::size_t steps = 0;
      while (wheel.next_deadline() <= now) {
        std::size_t fired = 0;
        wheel.advance_some(now, step_max, [&](TimerNode& node) {
          EXPECT_LE(node.at, now);
          EXPECT_EQ(armed.erase(&node), 1U);
          ++fired;
        });
        ASSERT_LE(fired, step_max);
        ASSERT_LE(++steps, nodes.size() * 4);
        if (prng.chance(0.05) && !armed.empty()) {
          TimerNode& node = nodes[prng.below(nodes.size())];
          wheel.disarm(node);
          armed.erase(&node);
          if (prng.chance(0.3)) arm(node);
        }
      }
      for (const TimerNode* node : armed) ASSERT_GT(node->at, now) << "seed " << seed;
    }
    EXPECT_EQ(wheel.next_deadline(), never);
  }
}

}  // namespace
}  // namespace ringgate
