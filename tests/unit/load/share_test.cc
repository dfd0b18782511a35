#include "load/share.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <string>
#include <thread>

#include "load/crew.h"

namespace ringgate::load {
namespace {

// Aim: threads together have every bind and every message, each once, and as many as their binds
// are. Method: sums, for numbers that divide evenly and that do not.
TEST(Share, IsAllOfIt) {
  for (const unsigned threads : {1u, 2u, 3u, 7u}) {
    for (const std::uint32_t binds : {7u, 8u, 100u}) {
      Options options;
      options.accounts.resize(3);
      options.binds = binds;
      options.mode = Mode::tx_rx;
      options.count = 1'000'003;
      std::uint64_t connections = 0, messages = 0, pairs = 0;
      for (unsigned i = 0; i < threads; ++i) {
        const Share share{i, threads};
        EXPECT_EQ(before(pair_count(options), share), pairs);
        connections += connection_count(options, share);
        messages += count_of(options, share);
        pairs += part_of(pair_count(options), share);
        const std::uint64_t each = options.count / pair_count(options);
        EXPECT_GE(count_of(options, share), each * part_of(pair_count(options), share));
      }
      EXPECT_EQ(connections, binds * 3u * 2u);
      EXPECT_EQ(messages, options.count);
    }
  }
}

// Aim: a receipt finds its message whichever thread brings it, before its response or after.
// Method: two threads, of which one files the messages and the other the receipts, at once.
TEST(ReceiptDesk, MatchesAcrossThreads) {
  constexpr std::uint64_t messages = 50'000;
  constexpr std::uint64_t turn = 64;
  ReceiptDesk desk(1'000, false);
  std::uint64_t found[2] = {};
  const auto work = [&](int thread) {
    ReceiptNotes notes(desk);
    const auto count = [&](Nanos sent, Nanos came) {
      EXPECT_EQ(came - sent, 100);
      ++found[thread];
    };
    for (std::uint64_t i = 0; i < messages; ++i) {
      const std::string id = std::to_string(i);
      const auto sent = static_cast<Nanos>(i);
      if (thread == 0)
        notes.accepted(id, sent, count);
      else
        notes.received(id, sent + 100, count);
      if (i % turn == 0) notes.flush(count);
    }
    notes.flush(count);
  };
  std::thread other(work, 1);
  work(0);
  other.join();
  EXPECT_EQ(found[0] + found[1], messages);
  EXPECT_EQ(desk.open_count(), 0u);
  EXPECT_EQ(desk.counts().matched, messages);
  EXPECT_EQ(desk.counts().duplicate, 0u);
}

// Aim: as many done receipts are remembered by all drawers together as by one matcher, so that one
// that comes again is known as a duplicate. Method: neighbouring ids, all receipts twice, far
// apart.
TEST(ReceiptDesk, RemembersWhatIsDone) {
  constexpr int messages = 10'000;
  ReceiptDesk desk(1 << 14, false);
  ReceiptNotes notes(desk);
  const auto ignore = [](Nanos, Nanos) {};
  const auto id = [](int number) {
    char text[17];
    std::snprintf(text, sizeof text, "%016x", 0x1000'0000 + number);
    return std::string(text);
  };
  for (int i = 0; i < messages; ++i) notes.accepted(id(i), i, ignore);
  for (int round = 0; round < 2; ++round)
    for (int i = 0; i < messages; ++i) notes.received(id(i), i, ignore);
  notes.flush(ignore);
  EXPECT_EQ(desk.counts().matched, static_cast<std::uint64_t>(messages));
  EXPECT_EQ(desk.counts().duplicate, static_cast<std::uint64_t>(messages));
  EXPECT_EQ(desk.counts().unknown, 0u);
}

// Aim: what was refused and came again excuses nothing. Method: two refused, of which one comes.
TEST(ReceiptDesk, KnowsWhatWasGivenUp) {
  ReceiptDesk desk(16, true);
  desk.answered(1, false);
  desk.answered(2, false);
  desk.answered(1, false);
  EXPECT_EQ(desk.counts().given_up, 2u);
  desk.answered(1, true);
  EXPECT_EQ(desk.counts().given_up, 1u);
}

// Aim: the first failure is the one that is told, and the run begins when the last thread is bound.
// Method: both.
TEST(Crew, BeginsAndFailsTogether) {
  Crew crew(2, 1);
  crew.bound(100);
  EXPECT_EQ(crew.start_at(), never);
  crew.bound(200);
  EXPECT_GT(crew.start_at(), 200);
  EXPECT_FALSE(crew.failed());
  crew.fail({ErrorCode::io, 0, "first"});
  crew.fail({ErrorCode::io, 0, "second"});
  EXPECT_TRUE(crew.failed());
  EXPECT_EQ(crew.failure().text, "first");
}

}  // namespace
}  // namespace ringgate::load
