#include "runtime/inbox.h"

#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <span>
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
  inbox_.post(AnswerItem{{{1, 2, 3}, Status::ESME_RTHROTTLED}});
  inbox_.post(ReportItem{{{4, 5, 6}, {MessageState::expired, 7}}});
  inbox_.post(PasswordItem{LinkId::make(8, 9), 10, io::PasswordVerdict::right});
  inbox_.post(StopItem{});
  EXPECT_FALSE(inbox_.empty());
  inbox_.take(items_);
  EXPECT_TRUE(inbox_.empty());
  ASSERT_EQ(items_.size(), 4U);
  EXPECT_EQ(std::get<AnswerItem>(items_[0]).answer.status, Status::ESME_RTHROTTLED);
  EXPECT_EQ(std::get<AnswerItem>(items_[0]).answer.ticket, (Ticket{1, 2, 3}));
  EXPECT_EQ(std::get<ReportItem>(items_[1]).report.outcome.error, 7);
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

// Aim: whoever finds no room is told so, does not wait, and is told when there is some; what the
// server itself says always has room. Method: as much as fits, one by one and many at once.
TEST_F(InboxTest, FullIsSaid) {
  std::size_t count = 0;
  while (inbox_.try_post(AnswerItem{}) == Posted::ok) ++count;
  EXPECT_GT(count, 10'000U);
  EXPECT_EQ(inbox_.try_post(AnswerItem{}), Posted::full);
  EXPECT_TRUE(inbox_.post(StopItem{}));
  EXPECT_TRUE(inbox_.take(items_)) << "somebody waits for room";
  EXPECT_EQ(items_.size(), count + 1);
  EXPECT_FALSE(inbox_.take(items_)) << "nobody does any more";
  const std::vector<Answer> all(count + 5);
  std::size_t taken = 0;
  EXPECT_EQ(inbox_.try_post_all<AnswerItem>(std::span(all), taken), Posted::full);
  EXPECT_EQ(taken, count);
  EXPECT_TRUE(inbox_.take(items_));
}

TEST_F(InboxTest, ClosedIsSaid) {
  EXPECT_EQ(inbox_.try_post(AnswerItem{}), Posted::ok);
  inbox_.close();
  EXPECT_EQ(inbox_.try_post(AnswerItem{}), Posted::gone);
  EXPECT_FALSE(inbox_.post(AnswerItem{}));
  inbox_.take(items_);
  EXPECT_EQ(items_.size(), 1U);
}

// Aim: nothing is lost, doubled or reordered per writer while the reader drains, and a full inbox
// refuses (for ThreadSanitizer too). Method: two writers, more items than fit.
TEST_F(InboxTest, TwoWriters) {
  constexpr std::uint32_t count = 60'000;
  const auto write = [this](std::uint16_t writer) {
    for (std::uint32_t i = 0; i < count; ++i)
      while (inbox_.try_post(AnswerItem{{{1, i, writer}, Status::ESME_ROK}}) == Posted::full)
        std::this_thread::yield();
  };
  std::thread first(write, std::uint16_t{0});
  std::thread second(write, std::uint16_t{1});
  std::uint32_t next[2] = {};
  while (next[0] + next[1] < 2 * count) {
    inbox_.take(items_);
    if (items_.empty()) std::this_thread::yield();
    for (const InboxItem& item : items_) {
      const Ticket ticket = std::get<AnswerItem>(item).answer.ticket;
      EXPECT_EQ(ticket.slot, next[ticket.shard]++);
    }
  }
  first.join();
  second.join();
  EXPECT_TRUE(inbox_.empty());
}

}  // namespace
}  // namespace ringgate::runtime
