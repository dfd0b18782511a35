#include "load/timeline.h"

#include <gtest/gtest.h>

#include "base/units.h"

namespace ringgate::load {
namespace {

// Aim: the warm-up counts for no latency, and ends where it was said to. Method: slow messages in
// it, of which one is answered after it, and a quick one after it.
TEST(Timeline, LeavesTheWarmUpOut) {
  SecondBook book(1);
  Timeline timeline(book, 0);
  timeline.start(seconds(10), milliseconds(1'500), false);
  EXPECT_EQ(timeline.deadline(), seconds(11));
  timeline.answered(seconds(10), seconds(11));
  timeline.end_second(seconds(11), {.submitted = 5, .accepted = 3}, {});
  EXPECT_EQ(timeline.deadline(), milliseconds(11'500));
  timeline.end_second(milliseconds(11'500), {.submitted = 7, .accepted = 5}, {});
  EXPECT_EQ(timeline.deadline(), milliseconds(12'500));
  timeline.answered(milliseconds(11'499), seconds(12));
  timeline.answered(milliseconds(11'500), milliseconds(11'501));
  timeline.end_second(milliseconds(12'500), {.submitted = 17, .accepted = 14, .refused = 1}, {});

  ASSERT_EQ(book.seconds().size(), 3u);
  EXPECT_TRUE(book.seconds()[1].warm_up);
  const Second& measured = book.seconds()[2];
  EXPECT_FALSE(measured.warm_up);
  EXPECT_EQ(measured.at, milliseconds(1'500));
  EXPECT_EQ(measured.submitted, 10u);
  EXPECT_EQ(measured.accepted, 9u);
  EXPECT_EQ(measured.refused, 1u);
  EXPECT_EQ(book.latencies().count(), 1u);
  EXPECT_EQ(book.latencies().max(), static_cast<std::uint64_t>(milliseconds(1)));
}

// Aim: each second has its own latencies, and all together all of them. Method: two of them.
TEST(Timeline, CountsEachSecondAnew) {
  SecondBook book(1);
  Timeline timeline(book, 0);
  timeline.start(0, 0, true);
  timeline.receipted(0, milliseconds(3));
  timeline.lateness().record(microseconds(7));
  timeline.hold();
  timeline.pause(milliseconds(30));
  timeline.end_second(seconds(1), {}, {});
  timeline.receipted(seconds(1), milliseconds(1'001));
  timeline.end_second(seconds(2), {}, {});
  EXPECT_EQ(book.seconds()[0].receipt_latency.max, milliseconds(3));
  EXPECT_EQ(book.seconds()[0].lateness.max, microseconds(7));
  EXPECT_EQ(book.seconds()[0].held, 1u);
  EXPECT_EQ(book.seconds()[0].paused, milliseconds(30));
  EXPECT_EQ(book.seconds()[1].paused, 0);
  EXPECT_EQ(book.seconds()[1].receipt_latency.max, milliseconds(1));
  EXPECT_EQ(book.seconds()[1].lateness.count, 0u);
  EXPECT_EQ(book.seconds()[1].held, 0u);
  EXPECT_EQ(book.receipt_latencies().count(), 2u);
}

// Aim: what two threads have of a second is one row, however far they are apart, and of the worse
// CPU. Method: one goes ahead by a second; one was held up for longer than that.
TEST(SecondBook, JoinsThreads) {
  SecondBook book(2);
  Timeline one(book, 0), other(book, 1);
  one.start(0, milliseconds(500), false);
  other.start(0, milliseconds(500), false);
  const auto end = [](Timeline& timeline, Nanos now, std::uint64_t submitted, double cpu) {
    timeline.end_second(now, {.submitted = submitted}, {.client_cpu = cpu});
  };
  one.answered(0, milliseconds(1));
  end(one, milliseconds(500), 5, 0.1);
  one.answered(milliseconds(600), milliseconds(601));
  end(one, milliseconds(1'500), 15, 0.2);
  EXPECT_TRUE(book.seconds().empty()) << "the other one has not said anything";
  other.pause(milliseconds(40));
  end(other, milliseconds(510), 7, 0.9);
  ASSERT_EQ(book.seconds().size(), 1u);
  EXPECT_TRUE(book.seconds()[0].warm_up);
  EXPECT_EQ(book.seconds()[0].submitted, 12u);
  EXPECT_EQ(book.seconds()[0].around.client_cpu, 0.9);
  EXPECT_EQ(book.seconds()[0].paused, milliseconds(40));

  other.answered(milliseconds(600), milliseconds(610));
  end(other, milliseconds(2'700), 8, 0.3);
  end(one, milliseconds(2'500), 25, 0.2);
  end(one, milliseconds(3'500), 35, 0.2);
  end(other, milliseconds(3'500), 9, 0.2);
  book.finish();
  ASSERT_EQ(book.seconds().size(), 4u);
  EXPECT_EQ(book.seconds()[1].submitted, 11u);
  EXPECT_EQ(book.seconds()[1].latency.count, 2u);
  EXPECT_EQ(book.seconds()[1].latency.max, milliseconds(10));
  EXPECT_EQ(book.seconds()[1].size, milliseconds(2'190));
  EXPECT_EQ(book.seconds()[3].submitted, 11u) << "on the grid again";
  EXPECT_EQ(book.latencies().count(), 2u) << "without the warm-up";
}

// Aim: who has come to his end holds up nobody's seconds. Method: one leaves, one goes on.
TEST(SecondBook, WaitsForNobodyWhoHasLeft) {
  SecondBook book(2);
  Timeline one(book, 0), other(book, 1);
  one.start(0, 0, false);
  other.start(0, 0, false);
  one.end_second(milliseconds(300), {}, {});
  book.leave(0);
  for (int i = 1; i <= 5; ++i) other.end_second(seconds(i), {}, {});
  EXPECT_EQ(book.seconds().size(), 5u);
}

Second quiet_second() {
  Second second;
  second.size = seconds(1);
  second.submitted = 1000;
  second.open_loop = true;
  second.latency.p99 = milliseconds(5);
  return second;
}

// Aim: each sign that the client was the limit is one by itself, and named. Method: one at a time.
TEST(Second, NamesWhatLimitsIt) {
  EXPECT_TRUE(limits_of(quiet_second()).empty());
  const auto limit = [](auto change) {
    Second second = quiet_second();
    change(second);
    const auto limits = limits_of(second);
    return limits.empty() ? std::string_view() : limits.front();
  };
  EXPECT_EQ(limit([](Second& s) { s.lateness.p99 = microseconds(501); }), "late sends");
  EXPECT_EQ(limit([](Second& s) { s.lateness.p99 = microseconds(499); }), "");
  // A tenth of next to nothing is what timers are late by.
  EXPECT_EQ(limit([](Second& s) {
              s.latency.p99 = microseconds(100);
              s.lateness.p99 = microseconds(150);
            }),
            "");
  EXPECT_EQ(limit([](Second& s) {
              s.latency.p99 = seconds(1);
              s.lateness.p99 = microseconds(1'001);
            }),
            "late sends");
  EXPECT_EQ(limit([](Second& s) { s.paused = milliseconds(21); }), "paused");
  EXPECT_EQ(limit([](Second& s) { s.around.cpu_wait = 0.04; }), "CPU taken");
  EXPECT_EQ(limit([](Second& s) { s.around.steal = 0.02; }), "steal");
  EXPECT_EQ(limit([](Second& s) { s.around.pressure = 0.3; }), "CPU pressure");
  EXPECT_EQ(limit([](Second& s) { s.around.throttled = 1; }), "throttled");
  // Who is in time may use all of its CPU, unless it is to be as fast as it can.
  EXPECT_EQ(limit([](Second& s) { s.around.client_cpu = 0.99; }), "");
  EXPECT_EQ(limit([](Second& s) {
              s.around.client_cpu = 0.99;
              s.open_loop = false;
            }),
            "CPU full");
}

// Aim: a scrap of a second, the warm-up, and one without submits say nothing. Method: each.
TEST(Second, CountsWhenItIsWhole) {
  Second second = quiet_second();
  EXPECT_TRUE(counts(second));
  second.size = milliseconds(100);
  EXPECT_FALSE(counts(second));
  second = quiet_second();
  second.warm_up = true;
  EXPECT_FALSE(counts(second));
  second = quiet_second();
  second.submitted = 0;
  EXPECT_FALSE(counts(second));
}

}  // namespace
}  // namespace ringgate::load
