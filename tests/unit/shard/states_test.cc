#include "shard/states.h"

#include <gtest/gtest.h>

#include <set>

namespace ringgate {
namespace {

constexpr std::uint64_t shard_one = std::uint64_t{1} << 48;

EndedMessage ended(std::uint64_t id, std::uint32_t kept_until_s = 1'060,
                   std::uint32_t segment = 1) {
  EndedMessage out;
  out.id = MessageId{id};
  out.kept_until_s = kept_until_s;
  out.segment = segment;
  out.state = MessageState::delivered;
  return out;
}

constexpr NumberedId plain(std::uint64_t id) { return {MessageId{id}, id & message_sequence_mask}; }

bool knows(EndedMessages& messages, std::uint64_t id, std::int64_t now_s = 1'000) {
  return messages.find(plain(id), now_s) != nullptr;
}

// Aim: of this run's messages as many are known as there are places, for the configured time,
// whatever their ids are. Method: ids that are their sequence, and ids that have nothing to do with
// it.
TEST(EndedMessages, TheLast) {
  for (const std::uint64_t scramble : {std::uint64_t{0}, std::uint64_t{0x5A5A'0000'5A5A}}) {
    EndedMessages messages(8);
    const auto find = [&](std::uint64_t sequence, std::int64_t now_s = 1'000) {
      return messages.find({MessageId{sequence ^ scramble}, sequence}, now_s);
    };
    for (std::uint64_t sequence = 100; sequence < 112; ++sequence)
      messages.keep(ended(sequence ^ scramble), sequence, 1'000);
    EXPECT_EQ(find(103), nullptr);
    EXPECT_NE(find(104), nullptr);
    EXPECT_NE(find(111), nullptr);
    EXPECT_EQ(messages.count(), 8U);
    EXPECT_NE(find(111, 1'059), nullptr);
    EXPECT_EQ(find(111, 1'060), nullptr);
  }
}

// Aim: what was taken over in a restart is known until its time is over, whatever ids it has.
// Method: ids that share a place with each other and with new ones: of other shards, and of this
// one's past.
TEST(EndedMessages, TakenOver) {
  EndedMessages messages(8);
  const std::uint64_t old[] = {96, 104, shard_one | 96, shard_one | 1'000};
  for (const std::uint64_t id : old) messages.take_over(ended(id), plain(id).sequence);
  for (std::uint64_t id = 1'000; id < 1'008; ++id) messages.keep(ended(id, 1'090, 2), id, 1'000);
  for (const std::uint64_t id : old) EXPECT_TRUE(knows(messages, id)) << id;
  const auto find_short = [&](std::uint32_t key, std::uint64_t wanted) {
    return messages.find_short(
        key, 1'000, [&](const EndedMessage& one) { return one.id == MessageId{wanted}; });
  };
  EXPECT_NE(find_short(1u << 26 | 96, shard_one | 96), nullptr) << "short form";
  EXPECT_EQ(find_short(1u << 26 | 96, 96), nullptr) << "not the one that is meant";
  EXPECT_EQ(messages.count(), 12U);
  std::set<std::uint64_t> of_segment;
  messages.for_each_in(1, 1'059, [&](EndedMessage& one) { of_segment.insert(one.id.value); });
  EXPECT_EQ(of_segment, std::set<std::uint64_t>(std::begin(old), std::end(old)));
  messages.for_each_in(1, 1'060, [](EndedMessage&) { FAIL() << "its time is over"; });
  for (int i = 0; i < 100; ++i) messages.expire(1'060, 10);
  EXPECT_EQ(messages.count(), 8U) << "and its memory is given back";
}

// Aim: who goes before its time is told of, and for how long it should have been kept; who is kept
// out by its own second end, or has expired, is not. Method: few places.
TEST(EndedMessages, GoingEarly) {
  EndedMessages messages(2);
  EXPECT_EQ(messages.keep(ended(100, 1'060), 100, 1'000), 0U);
  EXPECT_EQ(messages.keep(ended(100, 1'070), 100, 1'010), 0U) << "of one submit_multi";
  EXPECT_EQ(messages.keep(ended(101, 1'070), 101, 1'010), 0U);
  EXPECT_EQ(messages.keep(ended(102, 1'080), 102, 1'020), 50U);
  EXPECT_EQ(messages.keep(ended(103, 1'130), 103, 1'070), 0U) << "its time was over";
}

// Aim: those of an earlier run are forgotten when their time is over, some at a time. Method: many,
// and calls until all are gone; none that is still to be kept goes.
TEST(EndedMessages, ExpireInSlices) {
  EndedMessages messages(2);
  constexpr std::uint64_t count = 10'000;
  for (std::uint64_t id = 1; id <= count; ++id)
    messages.take_over(ended(id, id % 10 == 0 ? 2'000 : 1'060), id);
  messages.expire(1'060, 100);
  EXPECT_GT(messages.count(), count - 300);
  for (int i = 0; i < 1'000 && messages.count() > count / 10; ++i) messages.expire(1'060, 100);
  EXPECT_EQ(messages.count(), count / 10);
  EXPECT_TRUE(knows(messages, 10, 1'060));
}

}  // namespace
}  // namespace ringgate
