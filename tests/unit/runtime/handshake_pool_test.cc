#include "runtime/handshake_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <deque>
#include <future>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "../silent_channel.h"

namespace ringgate::runtime {
namespace {

/// Holds the pool's thread until it is let go.
class Doorstop final : public test::SilentChannel {
 public:
  void shake() override {
    reached_.set_value();
    go_.get_future().wait();
  }
  void wait_until_reached() { reached_.get_future().wait(); }
  void let_go() { go_.set_value(); }

 private:
  std::promise<void> reached_, go_;
};

/// A pool of one thread that is held up, so that what comes meanwhile is put in order.
class HandshakePoolTest : public testing::Test {
 protected:
  explicit HandshakePoolTest(unsigned rate = 0) : pool_(1, rate) {
    pool_.shake(doorstop_, "doorstop", false, [] {});
    doorstop_.wait_until_reached();
  }
  void add(const std::string& address, bool begins) {
    ++asked_;
    channels_.emplace_back();
    pool_.shake(channels_.back(), address, begins, [this, address, begins] {
      const std::scoped_lock lock(mutex_);
      order_.push_back((begins ? "" : "again ") + address);
      if (order_.size() == asked_) all_.set_value();
    });
  }
  std::vector<std::string> order() {
    doorstop_.let_go();
    all_.get_future().wait();
    return order_;
  }

  Doorstop doorstop_;
  std::deque<test::SilentChannel> channels_;
  std::mutex mutex_;
  std::vector<std::string> order_;
  std::size_t asked_ = 0;
  std::promise<void> all_;
  HandshakePool pool_;
};

// Aim: whoever begins many waits behind those who begin few, and what has begun goes first.
TEST_F(HandshakePoolTest, AddressesTakeTurns) {
  for (int i = 0; i < 4; ++i) add("flood", true);
  add("a", true);
  add("b", true);
  add("a", true);
  add("flood", false);
  EXPECT_EQ(pool_.waiting(), 8U);
  EXPECT_EQ(order(), (std::vector<std::string>{"again flood", "flood", "a", "b", "flood", "a",
                                               "flood", "flood"}));
  EXPECT_EQ(pool_.waiting(), 0U);
}

// Aim: what nobody wants any more is forgotten, unless it has begun.
TEST_F(HandshakePoolTest, Withdraw) {
  test::SilentChannel begins, again;
  bool said = false;
  pool_.shake(begins, "gone", true, [&said] { said = true; });
  pool_.shake(again, "gone", false, [&said] { said = true; });
  add("a", true);
  EXPECT_FALSE(pool_.withdraw(doorstop_));
  EXPECT_TRUE(pool_.withdraw(begins));
  EXPECT_TRUE(pool_.withdraw(again));
  EXPECT_FALSE(pool_.withdraw(begins));
  EXPECT_EQ(pool_.waiting(), 1U);
  EXPECT_EQ(order(), std::vector<std::string>{"a"});
  EXPECT_FALSE(said);
}

// Aim: the end waits for the step under way, and for no other.
TEST(HandshakePoolEndTest, DropsWhatWaits) {
  Doorstop doorstop;
  test::SilentChannel channel;
  bool done = false;
  {
    HandshakePool pool(1, 0);
    pool.shake(doorstop, "a", true, [] {});
    doorstop.wait_until_reached();
    pool.shake(channel, "a", true, [&done] { done = true; });
    std::thread([&doorstop] { doorstop.let_go(); }).detach();
  }
  static_cast<void>(done);  // Whether its turn came before the end is the scheduler's.
}

// Aim: no more begin than the rate allows, whatever the number of threads, and none is forgotten.
TEST(HandshakePoolRateTest, Rate) {
  constexpr unsigned per_second = 200;
  constexpr int count = 40;
  HandshakePool pool(4, per_second);
  test::SilentChannel channels[count];
  std::atomic<int> left = count;
  std::promise<void> all;
  const auto begun = std::chrono::steady_clock::now();
  for (auto& channel : channels)
    pool.shake(channel, "a", true, [&] {
      if (--left == 0) all.set_value();
    });
  all.get_future().wait();
  const auto took = std::chrono::steady_clock::now() - begun;
  // What is saved for a moment may begin at once: 100 ms of it.
  EXPECT_GE(took, std::chrono::milliseconds(80));
}

}  // namespace
}  // namespace ringgate::runtime
