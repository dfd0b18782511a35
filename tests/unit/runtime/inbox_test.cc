#include "runtime/inbox.h"

#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <atomic>
#include <thread>

namespace ringgate::runtime {
namespace {

class InboxTest : public testing::Test {
 protected:
  ~InboxTest() override { close(event_fd_); }

  const int event_fd_ = eventfd(0, EFD_NONBLOCK);
  SleepFlag flag_;
  Inbox inbox_{flag_, event_fd_};
  std::vector<InboxItem> items_;
};

// Aim: items come out once, in order and as what they were. Method: one of each kind.
TEST_F(InboxTest, Order) {
  EXPECT_TRUE(inbox_.empty());
  inbox_.post(AnswerItem{{1, 2, 3}, Status::ESME_RTHROTTLED});
  inbox_.post(ReportItem{{4, 5, 6}, {MessageState::expired, 7}});
  inbox_.post(PasswordItem{LinkId::make(8, 9), 10, io::PasswordVerdict::right});
  inbox_.post(StopItem{});
  EXPECT_FALSE(inbox_.empty());
  inbox_.take(items_);
  EXPECT_TRUE(inbox_.empty());
  ASSERT_EQ(items_.size(), 4U);
  EXPECT_EQ(std::get<AnswerItem>(items_[0]).status, Status::ESME_RTHROTTLED);
  EXPECT_EQ(std::get<AnswerItem>(items_[0]).ticket, (Ticket{1, 2, 3}));
  EXPECT_EQ(std::get<ReportItem>(items_[1]).outcome.error, 7);
  EXPECT_EQ(std::get<PasswordItem>(items_[2]).link, LinkId::make(8, 9));
  EXPECT_EQ(std::get<PasswordItem>(items_[2]).question, 10U);
  EXPECT_TRUE(std::holds_alternative<StopItem>(items_[3]));
  inbox_.take(items_);
  EXPECT_TRUE(items_.empty());
}

// Aim: only a sleeper is woken, and only once. Method: the event descriptor's count.
TEST_F(InboxTest, WakesOnlyASleeper) {
  eventfd_t rings = 0;
  inbox_.post(StopItem{});
  EXPECT_NE(eventfd_read(event_fd_, &rings), 0);
  flag_.set();
  inbox_.post(StopItem{});
  inbox_.post(StopItem{});
  ASSERT_EQ(eventfd_read(event_fd_, &rings), 0);
  EXPECT_EQ(rings, 1U);
}

// Aim: nobody waits for room in an inbox that nobody empties any more. Method: a writer that comes
// to a full one, which is then closed; one that comes later.
TEST_F(InboxTest, CloseLetsGoOfWhoWaits) {
  std::atomic<unsigned> posted = 0;
  std::thread writer([&] {
    while (inbox_.post(AnswerItem{})) ++posted;
  });
  unsigned seen = 0;
  do {
    seen = posted;
    for (int i = 0; i < 10'000; ++i) std::this_thread::yield();
  } while (posted != seen || seen == 0);
  inbox_.close();
  writer.join();
  EXPECT_FALSE(inbox_.post(AnswerItem{}));
  inbox_.take(items_);
  EXPECT_EQ(items_.size(), posted);
}

// Aim: a shard's thread never waits. Method: more than fits, from a thread that says it is one.
TEST_F(InboxTest, AShardsThreadDoesNotWait) {
  constexpr unsigned count = 200'000;
  std::thread shard([&] {
    on_shard_thread = true;
    for (unsigned i = 0; i < count; ++i) EXPECT_TRUE(inbox_.post(AnswerItem{}));
  });
  shard.join();
  inbox_.take(items_);
  EXPECT_EQ(items_.size(), count);
}

// Aim: nothing is lost, doubled or reordered per writer while the reader drains, and a full inbox
// makes writers wait (for ThreadSanitizer too). Method: two writers, more items than fit.
TEST_F(InboxTest, TwoWriters) {
  constexpr std::uint32_t count = 60'000;
  const auto write = [this](std::uint16_t writer) {
    for (std::uint32_t i = 0; i < count; ++i)
      inbox_.post(AnswerItem{{1, i, writer}, Status::ESME_ROK});
  };
  std::thread first(write, std::uint16_t{0});
  std::thread second(write, std::uint16_t{1});
  std::uint32_t next[2] = {};
  while (next[0] + next[1] < 2 * count) {
    inbox_.take(items_);
    if (items_.empty()) std::this_thread::yield();
    for (const InboxItem& item : items_) {
      const Ticket ticket = std::get<AnswerItem>(item).ticket;
      EXPECT_EQ(ticket.slot, next[ticket.shard]++);
    }
  }
  first.join();
  second.join();
  EXPECT_TRUE(inbox_.empty());
}

}  // namespace
}  // namespace ringgate::runtime
