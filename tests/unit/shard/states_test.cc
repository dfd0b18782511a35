#include "shard/states.h"

#include <gtest/gtest.h>

#include <set>

namespace ringgate {
namespace {

constexpr std::uint64_t shard_one = std::uint64_t{1} << 48;

EndedMessage ended(std::uint64_t id, std::uint32_t done_s = 1'000, std::uint32_t segment = 1) {
  EndedMessage out;
  out.id = MessageId{id};
  out.done_s = done_s;
  out.segment = segment;
  out.state = MessageState::delivered;
  return out;
}

bool knows(EndedMessages& messages, std::uint64_t id, std::int64_t now_s = 1'000,
           bool short_id = false) {
  Operation operation;
  operation.id = MessageId{id};
  operation.short_id = short_id;
  return messages.find(operation, now_s) != nullptr;
}

// Aim: of this run's messages as many are known as there are places, for the configured time.
TEST(EndedMessages, TheLast) {
  EndedMessages messages(MessageId{100}, 8, 60);
  for (std::uint64_t id = 100; id < 112; ++id) messages.keep(ended(id));
  EXPECT_FALSE(knows(messages, 103));
  EXPECT_TRUE(knows(messages, 104));
  EXPECT_TRUE(knows(messages, 111));
  EXPECT_EQ(messages.count(), 8U);
  EXPECT_TRUE(knows(messages, 111, 1'059));
  EXPECT_FALSE(knows(messages, 111, 1'060));
}

// Aim: what was taken over in a restart is known until its time is over, whatever ids it has.
// Method: ids that share a place with each other and with new ones: of other shards, and of this
// one's past.
TEST(EndedMessages, TakenOver) {
  EndedMessages messages(MessageId{1'000}, 8, 60);
  const std::uint64_t old[] = {96, 104, shard_one | 96, shard_one | 1'000};
  for (const std::uint64_t id : old) messages.keep(ended(id));
  for (std::uint64_t id = 1'000; id < 1'008; ++id) messages.keep(ended(id, 1'030, 2));
  for (const std::uint64_t id : old) EXPECT_TRUE(knows(messages, id)) << id;
  EXPECT_TRUE(knows(messages, std::uint64_t{1} << 26 | 96, 1'000, true)) << "short form";
  EXPECT_EQ(messages.count(), 12U);
  std::set<std::uint64_t> of_segment;
  messages.for_each_in(1, 1'059, [&](EndedMessage& one) { of_segment.insert(one.id.value); });
  EXPECT_EQ(of_segment, std::set<std::uint64_t>(std::begin(old), std::end(old)));
  messages.for_each_in(1, 1'060, [](EndedMessage&) { FAIL() << "its time is over"; });
  EXPECT_EQ(messages.count(), 8U) << "and its memory is given back";
}

}  // namespace
}  // namespace ringgate
