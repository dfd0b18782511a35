#include "shard/registry.h"

#include <gtest/gtest.h>

#include "house_world.h"

namespace ringgate {
namespace {

class RegistryTest : public testing::Test {
 protected:
  MessageRecord* begin(ReceiptWish wish = ReceiptWish::always, bool intermediate = false) {
    return registry_.begin(RecordKind::submit_sm, world_.books.ids.next(), 0, {}, wish,
                           intermediate);
  }
  const AccountUse& use() { return world_.books.uses.of(0); }

  test::HouseWorld world_;
  Safekeeping safe_{world_.house, world_.books};
  Registry registry_{world_.house, world_.books, safe_};
};

// Aim: whatever counts a message counts it from its begin to its release, and what may owe a
// receipt is told apart. Method: one of each kind; the counts in between and at the end.
TEST_F(RegistryTest, CountsWhatIsOpen) {
  MessageRecord* const plain = begin(ReceiptWish::none);
  MessageRecord* const tracked = begin();
  MessageRecord* const noticed = begin(ReceiptWish::none, true);
  MessageRecord* const mo = registry_.begin_own(RecordKind::mo, world_.books.ids.next().id, 0, {});
  ASSERT_TRUE(plain && tracked && noticed && mo);
  EXPECT_FALSE(plain->tracked);
  EXPECT_FALSE(registry_.awaits_outcome(*plain));
  EXPECT_TRUE(registry_.awaits_outcome(*tracked));
  EXPECT_TRUE(noticed->tracked);
  EXPECT_EQ(use().messages, 4U);
  EXPECT_EQ(use().receipts, 2U);
  EXPECT_EQ(world_.house.counters.messages_open.get(), 4U);
  for (MessageRecord* const record : {plain, tracked, noticed, mo}) registry_.release(*record);
  EXPECT_EQ(use().messages, 0U);
  EXPECT_EQ(use().receipts, 0U);
  EXPECT_EQ(world_.house.counters.messages_open.get(), 0U);
  EXPECT_EQ(world_.books.messages.in_use(), 0U);
}

// Aim: a message that finds no room takes nothing. Method: one more than there are records.
TEST_F(RegistryTest, WithoutRoomNothingIsTaken) {
  for (unsigned i = 0; i < world_.house.options.budget.messages; ++i) ASSERT_NE(begin(), nullptr);
  const AccountUse before = use();
  EXPECT_EQ(begin(), nullptr);
  EXPECT_EQ(registry_.begin_own(RecordKind::notice, MessageId{1}, 0, {}), nullptr);
  EXPECT_EQ(use().messages, before.messages);
  EXPECT_EQ(use().receipts, before.receipts);
}

// Aim: an MO's octets go with its record, and with the shard if that ends first (the address
// sanitizer sees a leak). Method: two MOs, one of which is released.
TEST_F(RegistryTest, OctetsGoWithTheRecord) {
  for (int i = 0; i < 2; ++i) {
    MessageRecord* const mo =
        registry_.begin_own(RecordKind::mo, world_.books.ids.next().id, 0, {});
    ASSERT_NE(mo, nullptr);
    registry_.attach(*mo, std::make_unique<Parcel>(Content{}));
    if (i == 0) registry_.release(*mo);
  }
  EXPECT_EQ(use().messages, 1U);
}

}  // namespace
}  // namespace ringgate
