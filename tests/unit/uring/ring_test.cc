// Aim: submissions complete, waits end when they should, and nothing enters the kernel needlessly.
// Method: NOPs, doorbells and timeouts on real rings, with this kernel's capabilities and with all
// of them switched off.
#include "uring/ring.h"

#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <set>
#include <thread>

#include "base/units.h"
#include "ring_fixture.h"
#include "uring/clocks.h"

namespace ringgate::uring {
namespace {

constexpr UserData nop{.kind = 1, .generation = 2, .index = 3};

// Each test runs on a ring of today's kernel and on one as an old kernel would have it.
class RingTest : public testing::TestWithParam<bool> {
 protected:
  RingTest() {
    capabilities_ = all_capabilities();
    if (!GetParam()) {
      Capabilities none;
      none.kernel = capabilities_.kernel;
      capabilities_ = none;
    }
    ring_ = make_ring(capabilities_);
  }

  Capabilities capabilities_;
  std::unique_ptr<Ring> ring_;
};

INSTANTIATE_TEST_SUITE_P(Kernels, RingTest, testing::Values(true, false),
                         [](const auto& test) { return test.param ? "ThisKernel" : "OldKernel"; });

TEST_P(RingTest, NopRoundTrip) {
  prep_nop(ring_->sqe(), nop);
  ring_->enter(0);
  const auto completions = wait_for(*ring_, 1);
  ASSERT_EQ(completions.size(), 1u);
  EXPECT_EQ(UserData::unpack(completions[0].user_data), nop);
  EXPECT_EQ(completions[0].res, 0);
  EXPECT_EQ(ring_->counters().submitted, 1u);
  EXPECT_EQ(ring_->counters().completions, 1u);
}

TEST_P(RingTest, NothingToDoMakesNoSystemCall) {
  for (int turn = 0; turn < 10; ++turn) ring_->enter(0);
  EXPECT_EQ(ring_->counters().enters, 0u);
}

// Aim: who looks for work finds it without a system call, and gives up in time. Method: an eventfd
// that is readable, or not.
TEST_P(RingTest, LooksForWork) {
  const int event = eventfd(0, EFD_CLOEXEC);
  ASSERT_GE(event, 0);
  std::uint64_t value = 0;
  prep_read(ring_->sqe(), event, {reinterpret_cast<std::uint8_t*>(&value), sizeof value}, nop);
  ring_->enter(0);
  const std::uint64_t enters = ring_->counters().enters;
  const Nanos until = read_clocks().mono + milliseconds(2);
  EXPECT_FALSE(ring_->finds_work(until));
  EXPECT_GE(read_clocks().mono, until);
  ASSERT_EQ(eventfd_write(event, 1), 0);
  EXPECT_TRUE(ring_->finds_work(read_clocks().mono + seconds(10)));
  EXPECT_EQ(ring_->counters().enters, enters);
  EXPECT_EQ(wait_for(*ring_, 1).size(), 1u);
  close(event);
}

// Aim: what waits in the kernel comes in one turn, though the kernel hands out some twenty pieces a
// call. Method: reads of many eventfds, all of which become readable before the next enter().
TEST_P(RingTest, FetchesWhatWaits) {
  constexpr int count = 100;
  ring_ = make_ring(capabilities_, 8, 256);
  std::array<int, count> events{};
  std::array<std::uint64_t, count> values{};
  for (std::size_t i = 0; i < events.size(); ++i) {
    events[i] = eventfd(0, EFD_CLOEXEC);
    ASSERT_GE(events[i], 0);
    prep_read(ring_->sqe(), events[i],
              {reinterpret_cast<std::uint8_t*>(&values[i]), sizeof values[i]}, nop);
  }
  ring_->enter(0);
  ASSERT_EQ(ring_->ready(), 0U);
  for (const int event : events) ASSERT_EQ(eventfd_write(event, 1), 0);
  ring_->enter(0);
  EXPECT_EQ(ring_->ready(), unsigned{count});
  EXPECT_EQ(ring_->drain([](const io_uring_cqe&) {}), unsigned{count});
  for (const int event : events) close(event);
}

TEST_P(RingTest, WaitEndsAtTheTimeout) {
  const double elapsed = elapsed_ms([&] { ring_->enter(milliseconds(30), 1); });
  EXPECT_GE(elapsed, 29);
  EXPECT_EQ(ring_->ready(), 0u);
}

TEST_P(RingTest, WaitEndsAtTheCount) {
  for (int i = 0; i < 3; ++i) prep_nop(ring_->sqe(), nop);
  const double elapsed = elapsed_ms([&] { ring_->enter(never, 3); });
  EXPECT_LT(elapsed, 1000);
  EXPECT_EQ(drain_all(*ring_).size(), 3u);
}

TEST_P(RingTest, MinWaitReturnsWithLessThanTheCount) {
  for (const Nanos timeout : {seconds(10), never}) {
    prep_nop(ring_->sqe(), nop);
    const double elapsed = elapsed_ms([&] { ring_->enter(timeout, 5, milliseconds(20)); });
    EXPECT_GE(elapsed, 19);
    EXPECT_LT(elapsed, 5000);
    EXPECT_EQ(drain_all(*ring_).size(), 1u);
  }
}

TEST_P(RingTest, MinWaitOutlastsSilence) {
  const double elapsed = elapsed_ms([&] { ring_->enter(milliseconds(60), 5, milliseconds(10)); });
  EXPECT_GE(elapsed, 59);
}

TEST_P(RingTest, FullQueueSubmitsByItself) {
  constexpr unsigned count = 40;  // five times the submission queue
  for (std::uint32_t i = 0; i < count; ++i) {
    io_uring_sqe* sqe = ring_->sqe();
    ASSERT_NE(sqe, nullptr);
    prep_nop(sqe, UserData{.kind = 1, .generation = 0, .index = i});
  }
  ring_->enter(0);
  std::set<std::uint32_t> indexes;
  for (const auto& completion : wait_for(*ring_, count))
    indexes.insert(UserData::unpack(completion.user_data).index);
  EXPECT_EQ(indexes.size(), count);
}

TEST_P(RingTest, OverflownQueueLosesNothing) {
  constexpr unsigned count = 200;  // three times the completion queue
  for (unsigned i = 0; i < count; ++i) prep_nop(ring_->sqe(), nop);
  ring_->enter(0);
  std::size_t seen = 0;
  for (int turn = 0; turn < 20 && seen < count; ++turn) {
    seen += drain_all(*ring_).size();
    ring_->enter(0);
  }
  EXPECT_EQ(seen, count);
  EXPECT_GT(ring_->counters().overflows, 0u);
}

TEST_P(RingTest, DrainIsBoundedWhenItsFunctionKeepsSubmitting) {
  prep_nop(ring_->sqe(), nop);
  ring_->enter(0);
  const unsigned drained = ring_->drain([&](const io_uring_cqe&) {
    prep_nop(ring_->sqe(), nop);
    ring_->enter(0);
  });
  EXPECT_GE(drained, 1u);
  EXPECT_LT(drained, 10u);
}

TEST_P(RingTest, DoorbellWakesAnotherRing) {
  constexpr UserData here{.kind = 2, .generation = 0, .index = 1};
  constexpr UserData there{.kind = 3, .generation = 0, .index = 2};
  std::atomic<int> target{-1};
  std::vector<io_uring_cqe> received;
  std::thread sleeper([&] {
    const auto other = make_ring(capabilities_);
    target = other->fd();
    received = wait_for(*other, 1);
  });
  while (target < 0) std::this_thread::yield();
  prep_msg_ring(ring_->sqe(), target, here, there);
  const auto completions = wait_for(*ring_, 1);
  sleeper.join();
  ASSERT_EQ(completions.size(), 1u);
  EXPECT_EQ(UserData::unpack(completions[0].user_data), here);
  EXPECT_EQ(completions[0].res, 0);
  ASSERT_EQ(received.size(), 1u);
  EXPECT_EQ(UserData::unpack(received[0].user_data), there);
}

TEST_P(RingTest, ReadsAnEventfd) {
  const int event = eventfd(0, EFD_CLOEXEC);
  std::array<std::uint8_t, 8> value{};
  prep_read(ring_->sqe(), event, value, nop);
  ring_->enter(0);
  EXPECT_TRUE(drain_all(*ring_).empty());
  ASSERT_EQ(eventfd_write(event, 5), 0);
  const auto completions = wait_for(*ring_, 1);
  ASSERT_EQ(completions.size(), 1u);
  EXPECT_EQ(completions[0].res, 8);
  EXPECT_EQ(value[0], 5);
  close(event);
}

TEST_P(RingTest, CancelsByDescriptorAndCloses) {
  const int event = eventfd(0, EFD_CLOEXEC);
  std::array<std::uint8_t, 8> value{};
  prep_read(ring_->sqe(), event, value, nop);
  prep_cancel_fd(ring_->sqe(), event, UserData{.kind = 9});
  bool cancelled = false;
  for (const auto& completion : wait_for(*ring_, 2))
    if (UserData::unpack(completion.user_data) == nop) cancelled = completion.res == -ECANCELED;
  EXPECT_TRUE(cancelled);
  prep_close(ring_->sqe(), event, nop);
  const auto closed = wait_for(*ring_, 1);
  ASSERT_EQ(closed.size(), 1u);
  EXPECT_EQ(closed[0].res, 0);
}

TEST_P(RingTest, CancelsByUserData) {
  const int event = eventfd(0, EFD_CLOEXEC);
  std::array<std::uint8_t, 8> value{};
  prep_read(ring_->sqe(), event, value, nop);
  prep_cancel(ring_->sqe(), nop, UserData{.kind = 9});
  bool cancelled = false;
  for (const auto& completion : wait_for(*ring_, 2))
    if (UserData::unpack(completion.user_data) == nop) cancelled = completion.res == -ECANCELED;
  EXPECT_TRUE(cancelled);
  close(event);
}

TEST_P(RingTest, MayBeDestroyedByAnotherThreadOnceItsOwnHasEnded) {
  std::unique_ptr<Ring> other;
  std::thread([&] {
    other = make_ring(capabilities_);
    prep_nop(other->sqe(), nop);
    other->enter(0);
  }).join();
  other.reset();
  // The own ring must still work: its registration is not the other's.
  prep_nop(ring_->sqe(), nop);
  ring_->enter(0);
  EXPECT_EQ(wait_for(*ring_, 1).size(), 1u);
}

}  // namespace
}  // namespace ringgate::uring
