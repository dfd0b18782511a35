#include "shard/given_ids.h"

#include <gtest/gtest.h>

#include "house_world.h"

namespace ringgate {
namespace {

class GivenIdsTest : public testing::Test {
 protected:
  MessageRecord& open(NumberedId id, std::uint32_t account) {
    MessageRecord* const record = world_.books.messages.begin(id, account, {});
    record->kind = RecordKind::submit_sm;
    world_.books.messages.note_open(*record);
    ids_.note(id, account);
    return *record;
  }
  static OperationParcel asking(std::uint32_t account, std::uint32_t short_form) {
    OperationParcel parcel(OperationKind::query, Content{});
    parcel.account = account;
    parcel.short_form = short_form;
    return parcel;
  }

  test::HouseWorld world_{{.accounts = {"one", "two"}}};
  Safekeeping safe_{world_.house, world_.books};
  GivenIds ids_{world_.house, world_.books, safe_};
};

// Aim: an id is its account's while the message is open and afterwards, and nobody else's; one that
// was never given out is nobody's. Method: asked for both, before and after the end.
TEST_F(GivenIdsTest, BelongToWhomTheyWereGiven) {
  const NumberedId id = world_.books.ids.next();
  MessageRecord& record = open(id, 1);
  EXPECT_TRUE(ids_.gave_to(1, id.id));
  EXPECT_FALSE(ids_.gave_to(0, id.id));
  world_.books.messages.release(record);
  EXPECT_TRUE(ids_.gave_to(1, id.id));
  EXPECT_FALSE(ids_.gave_to(0, id.id));
  EXPECT_FALSE(ids_.gave_to(0, MessageId{id.id.value + 1}));
  EXPECT_FALSE(ids_.gave_to(1, MessageId{id.id.value + 1}));
}

// Aim: what is no message has an id that is the account's at once.
TEST_F(GivenIdsTest, OfWhatIsNoMessage) {
  const MessageId id = ids_.next_for(0);
  EXPECT_TRUE(ids_.gave_to(0, id));
  EXPECT_FALSE(ids_.gave_to(1, id));
}

// Aim: eight digits mean the asking account's message, and to anybody else nothing. Method: both
// accounts complete the short form of a message of one of them.
TEST_F(GivenIdsTest, ShortFormsAreCompletedForTheirAccount) {
  const NumberedId id = world_.books.ids.next();
  open(id, 1);
  const std::uint32_t form = world_.house.options.ids.short_form(id.id);
  OperationParcel mine = asking(1, form);
  EXPECT_TRUE(ids_.complete(mine));
  EXPECT_EQ(mine.operation.id, id.id);
  OperationParcel other = asking(0, form);
  EXPECT_FALSE(ids_.complete(other));
}

}  // namespace
}  // namespace ringgate
