#include "message/id_codec.h"

#include <gtest/gtest.h>

#include <bit>
#include <set>
#include <vector>

#include "message/id_source.h"

namespace ringgate {
namespace {

constexpr IdKey key_one{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
constexpr IdKey key_two{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13};
constexpr std::int64_t start = 1'700'000'000'000'000;

// Aim: an id leads back to its sequence, keeps its node and shard, and without a key shows the
// sequence. Method: every kind of codec over a stretch of ids.
TEST(MessageIdCodec, BackAndForth) {
  const MessageId prefix{0xAB05'0000'0000'0000};
  for (const MessageIdCodec& codec : {MessageIdCodec(), MessageIdCodec(key_one)}) {
    for (std::uint64_t i = 0; i < 1'000; ++i) {
      const std::uint64_t sequence =
          (static_cast<std::uint64_t>(start) + i) & message_sequence_mask;
      const MessageId id = codec.id_of(prefix, sequence);
      ASSERT_EQ(id.value >> 48, 0xAB05U);
      ASSERT_EQ(codec.sequence_of(id), sequence);
      if (!codec.permutes()) {
        ASSERT_EQ(id.value & message_sequence_mask, sequence);
      }
    }
  }
}

// Aim: from one's own ids nobody can tell those of others. Method: neighbours differ in as many
// bits as numbers do that have nothing to do with each other, and under another key everything is
// different.
TEST(MessageIdCodec, ShowsNoOrder) {
  const MessageIdCodec one(key_one), two(key_two);
  unsigned differ_from_next = 0, differ_from_other = 0;
  constexpr unsigned count = 1'000;
  for (std::uint64_t i = 0; i < count; ++i) {
    const MessageId id = one.id_of({}, static_cast<std::uint64_t>(start) + i);
    differ_from_next += static_cast<unsigned>(
        std::popcount(id.value ^ one.id_of({}, static_cast<std::uint64_t>(start) + i + 1).value));
    differ_from_other += static_cast<unsigned>(
        std::popcount(id.value ^ two.id_of({}, static_cast<std::uint64_t>(start) + i).value));
  }
  EXPECT_NEAR(differ_from_next, count * 24, count);
  EXPECT_NEAR(differ_from_other, count * 24, count);
}

// Aim: ids carry node and shard, their sequences follow each other and never run over into the
// shard's bits, and no id comes twice: over shards, nodes, and restarts with the same key, in
// whatever state the last run was left. Method: sources whose sequences touch.
TEST(MessageIdSource, NeverTwice) {
  for (const MessageIdCodec& codec : {MessageIdCodec(), MessageIdCodec(key_one)}) {
    std::set<std::uint64_t> seen;
    std::int64_t at = start;
    for (const unsigned count : {1u, 63u, 64u, 65u, 200u}) {
      std::uint64_t next = 0;
      for (const auto& [node, shard] : {std::pair{1u, 0u}, {1u, 1u}, {2u, 0u}}) {
        MessageIdSource source(node, shard, at, codec);
        for (unsigned i = 0; i < count; ++i) {
          const std::uint64_t expected = source.next_sequence();
          const NumberedId id = source.next();
          ASSERT_EQ(id.sequence, expected);
          ASSERT_EQ(codec.sequence_of(id.id), id.sequence);
          ASSERT_EQ(id.id, source.id_of(id.sequence));
          ASSERT_TRUE(source.is_ours(id.id));
          ASSERT_EQ(id.id.value >> 48, node << 8 | shard);
          ASSERT_TRUE(seen.insert(id.id.value).second);
        }
        next = source.next_sequence();
        ASSERT_FALSE(source.is_ours(MessageId{std::uint64_t{7} << 56}));
      }
      at = first_sequence(at, next);
    }
  }
  const MessageIdCodec plain;
  MessageIdSource source(0xAB, 0x05, static_cast<std::int64_t>(message_sequence_mask), plain);
  EXPECT_EQ(source.next().id.value, 0xAB05'FFFF'FFFF'FFFF);
  EXPECT_EQ(source.next().id.value, 0xAB05'0000'0000'0000);
  EXPECT_EQ(source.next().id.value, 0xAB05'0000'0000'0001);
}

// Aim: the short form is a permutation of the sequence's low bits: every one of the 67 million
// stands for exactly one other, so a shard repeats none before that many messages. Method: all of
// them for the inverse at steps, and a stretch as long as a test may take for doubles.
TEST(MessageIdCodec, ShortForms) {
  const MessageIdCodec codec(key_one);
  const MessageId shard{std::uint64_t{0x0145} << 48};
  std::vector<bool> seen(std::size_t{1} << short_sequence_bits);
  for (std::uint64_t i = 0; i < 300'000; ++i) {
    const std::uint64_t sequence = static_cast<std::uint64_t>(start) + i;
    const std::uint32_t form = codec.short_form(codec.id_of(shard, sequence));
    ASSERT_EQ(form >> short_sequence_bits, 0x05U) << "six bits of the shard";
    ASSERT_EQ(codec.short_sequence(form), sequence & short_sequence_mask);
    ASSERT_FALSE(seen[form & short_sequence_mask]) << "twice";
    seen[form & short_sequence_mask] = true;
  }
  for (std::uint32_t form = 0; form <= short_sequence_mask; form += 4'097) {
    const MessageId id = codec.id_of({}, codec.short_sequence(form));
    ASSERT_EQ(codec.short_form(id), form);
  }
}

// Aim: what a 3.3 client is given goes through the codec, and what it writes back leads to the id;
// without a codec it is the end of the id.
TEST(MessageIdCodec, WrittenForOldClients) {
  const MessageIdCodec codec(key_one);
  const MessageId id = codec.id_of(MessageId{std::uint64_t{0x0103} << 48}, 0x123456789A);
  char text[message_id_text_max];
  const IdStyle style{0x33, IdFormat::hex, &codec};
  ASSERT_EQ(write_message_id(id, style, text), 8U);
  const auto read = read_message_id({text, 8}, style);
  ASSERT_TRUE(read.has_value());
  EXPECT_TRUE(read->is_short);
  EXPECT_EQ(read->id.value, codec.short_form(id));
  EXPECT_EQ(shard_of(*read), 3U);
  EXPECT_EQ(codec.short_sequence(static_cast<std::uint32_t>(read->id.value)),
            0x123456789A & short_sequence_mask);
  EXPECT_NE(codec.short_form(id), short_key(id, 0x123456789A));
  ASSERT_EQ(write_message_id(id, IdStyle{0x33, IdFormat::hex}, text), 8U);
  EXPECT_EQ(read_message_id({text, 8}, style)->id.value, short_key(id, id.value));
}

}  // namespace
}  // namespace ringgate
