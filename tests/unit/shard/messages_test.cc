#include "shard/messages.h"

#include <gtest/gtest.h>

#include <set>
#include <vector>

namespace ringgate {
namespace {

constexpr unsigned shard = 3;
constexpr std::uint32_t size = 4;
constexpr std::uint64_t first_name = 1'000;

class MessagesTest : public testing::Test {
 protected:
  NumberedId id(std::uint64_t sequence) const {
    return {codec.id_of(MessageId{std::uint64_t{1} << 56 | std::uint64_t{shard} << 48}, sequence),
            sequence};
  }
  MessageRecord& begin(std::uint64_t sequence, std::uint32_t account = 0) {
    MessageRecord* const record = messages.begin(id(sequence), account, {});
    EXPECT_NE(record, nullptr);
    record->kind = RecordKind::submit_sm;
    return *record;
  }

  MessageIdCodec codec{IdKey{3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8}};
  Messages messages{shard, size, first_name, codec};
};

// Aim: a ticket finds its message until that ends, and never another one. Method: one slot that is
// used again and again.
TEST_F(MessagesTest, TicketsFindOneMessage) {
  std::set<std::uint64_t> names;
  std::vector<Ticket> gone;
  for (std::uint64_t i = 1; i <= 10; ++i) {
    MessageRecord& record = begin(i);
    const Ticket ticket = messages.ticket_of(record);
    EXPECT_GT(ticket.name, first_name);
    EXPECT_TRUE(names.insert(ticket.name).second) << "a name comes back";
    EXPECT_EQ(messages.find(ticket), &record);
    for (const Ticket one : gone) EXPECT_EQ(messages.find(one), nullptr);
    messages.release(record);
    gone.push_back(ticket);
    EXPECT_EQ(messages.find(ticket), nullptr);
  }
}

// Aim: what was never given out finds nothing.
TEST_F(MessagesTest, OddTickets) {
  const Ticket ticket = messages.ticket_of(begin(1));
  EXPECT_EQ(messages.find({ticket.name, ticket.slot, shard + 1}), nullptr);
  EXPECT_EQ(messages.find({ticket.name, size, shard}), nullptr);
  EXPECT_EQ(messages.find({ticket.name, ~0u, shard}), nullptr);
  EXPECT_EQ(messages.find({ticket.name + 1, ticket.slot, shard}), nullptr);
  EXPECT_EQ(messages.find({0, ticket.slot + 1, shard}), nullptr) << "a slot that is free";
}

// Aim: there are so many and no more, and one that ends makes room for another.
TEST_F(MessagesTest, Bound) {
  std::vector<MessageRecord*> all;
  for (std::uint64_t i = 1; i <= size; ++i) all.push_back(&begin(i));
  EXPECT_EQ(messages.begin(id(9), 0, {}), nullptr);
  messages.release(*all[1]);
  EXPECT_NE(messages.begin(id(9), 0, {}), nullptr);
  EXPECT_EQ(messages.in_use(), size);
}

// Aim: an open message is found by its id, by an id of a version without a key, and by what a
// client below 3.4 was told of it if it is the asking account's; one that has ended is not.
TEST_F(MessagesTest, FoundById) {
  MessageRecord& record = begin(0x12345, 7);
  EXPECT_EQ(messages.find_open(record.id), nullptr) << "not open yet";
  messages.note_open(record);
  EXPECT_TRUE(messages.is_open(record));
  EXPECT_EQ(messages.find_open(record.id), &record);
  EXPECT_EQ(messages.find_open(record.slot, record.id), &record);
  EXPECT_EQ(messages.find_open(record.slot, id(0x12346).id), nullptr);
  const std::uint32_t form = messages.short_form_of(record);
  EXPECT_EQ(form, codec.short_form(record.id));
  EXPECT_EQ(messages.find_short(form, 7), &record);
  EXPECT_EQ(messages.find_short(form, 8), nullptr);

  const MessageId plain{(record.id.value & ~message_sequence_mask) | 0x777};
  MessageRecord* const old = messages.begin({plain, 0x777}, 7, {});
  old->kind = RecordKind::submit_sm;
  messages.note_open(*old);
  EXPECT_EQ(messages.find_open(plain), old);
  EXPECT_EQ(messages.find_short(messages.short_form_of(*old), 7), old);

  const MessageId ended = record.id;
  messages.release(record);
  EXPECT_EQ(messages.find_open(ended), nullptr);
  EXPECT_EQ(messages.find_short(form, 7), nullptr);
}

// Aim: a message for a client has no id that a client could name, but the journal finds it.
TEST_F(MessagesTest, MoIsFoundBySlotOnly) {
  MessageRecord& record = begin(5);
  record.kind = RecordKind::mo;
  messages.note_open(record);
  EXPECT_EQ(messages.find_open(record.id), nullptr);
  EXPECT_EQ(messages.find_open(record.slot, record.id), &record);
}

// Aim: the slots of messages that a restart brings back are theirs, in whatever order they come.
TEST_F(MessagesTest, ReservedSlots) {
  messages.reserve(3);
  EXPECT_EQ(begin(1).slot, 3U);
  for (const std::uint32_t slot : {2U, 0U, 1U}) {
    MessageRecord& record = messages.begin_at(slot, id(10 + slot), 0);
    EXPECT_EQ(record.slot, slot);
    EXPECT_EQ(messages.find(messages.ticket_of(record)), &record);
  }
}

}  // namespace
}  // namespace ringgate
