#include "routing/outboxes.h"

#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <optional>

namespace ringgate {
namespace {

constexpr Nanos patience = seconds(60);

BindRef bind_at(std::uint32_t slot) { return {LinkId::make(slot, 1), 0}; }

std::vector<AccountOptions> accounts(std::uint32_t count) {
  std::vector<AccountOptions> out(count);
  for (std::uint32_t i = 0; i < count; ++i) out[i].system_id = "a" + std::to_string(i);
  return out;
}

/// The outboxes of so many accounts, and what came out of them.
class Node {
 public:
  explicit Node(std::uint32_t count)
      : directory(accounts(count), now), outboxes(directory, now), handed(count), expired(count) {}

  MessageRecord& push(std::uint32_t account, std::optional<BindRef> only = std::nullopt) {
    MessageRecord& record = records.emplace_back();
    record.begin(MessageId{records.size()}, account, {});
    record.owner_shard = 0;
    record.expires_at = now + patience;
    if (only) {
      record.pinned = true;
      record.home.last_link = only->link;
      record.home.last_shard = only->shard;
    }
    outboxes.push_back(record, now);
    return record;
  }
  void turn() {
    outboxes.run(
        now,
        [this](MessageRecord& record, BindRef target) {
          ++handed[record.account];
          order.push_back(record.account);
          if (busy) {
            outboxes.give_back_busy(record.account, target, now);
            outboxes.push_front(record, now);
          }
        },
        [this](MessageRecord& record) { ++expired[record.account]; },
        [this](MessageRecord& record) { lost.push_back(record.id.value); });
  }
  /// How many outboxes a turn looks at.
  std::uint64_t visits_of_turn() {
    const std::uint64_t before = outboxes.visits();
    turn();
    return outboxes.visits() - before;
  }
  std::uint32_t told(std::uint32_t account) const { return directory.at(account).state->waiting; }
  bool wants_a_turn() const { return outboxes.deadline() <= now; }

  Nanos now = seconds(100);
  Directory directory;
  Outboxes outboxes;
  std::deque<MessageRecord> records;
  std::vector<unsigned> handed;
  std::vector<unsigned> expired;
  std::vector<std::uint64_t> lost;
  std::vector<std::uint32_t> order;
  bool busy = false;
};

// Aim: what cannot move costs no turn anything. Method: 5,000 accounts with 64 waiting receipts
// each, without a bind or with a full one; turns of another account; visits counted.
TEST(Outboxes, WhatCannotMoveCostsNothing) {
  for (const bool bound : {false, true}) {
    Node node(5'001);
    for (std::uint32_t account = 1; account <= 5'000; ++account) {
      if (bound) node.outboxes.add_bind(account, bind_at(account), 1, node.now);
      for (unsigned i = 0; i < (bound ? 65U : 64U); ++i) node.push(account);
    }
    for (int i = 0; node.wants_a_turn(); ++i) {
      ASSERT_LT(i, 100);
      node.turn();
    }
    node.outboxes.add_bind(0, bind_at(9'999), 10, node.now);
    for (int i = 0; i < 100; ++i) {
      node.now += microseconds(10);
      EXPECT_EQ(node.visits_of_turn(), 0U);
      node.push(0);
      EXPECT_EQ(node.visits_of_turn(), 1U);
      node.outboxes.give_back(0, bind_at(9'999), node.now);
      EXPECT_FALSE(node.wants_a_turn());
    }
    EXPECT_EQ(node.handed[0], 100U);
    for (std::uint32_t account = 1; account <= 5'000; ++account) ASSERT_EQ(node.told(account), 64U);
  }
}

// Aim: every event that can make something move makes its account ready. Method: each of them, with
// one receipt that waits for it.
TEST(Outboxes, Events) {
  Node node(1);
  node.push(0);
  EXPECT_FALSE(node.wants_a_turn());
  node.outboxes.add_bind(0, bind_at(1), 1, node.now);
  EXPECT_TRUE(node.wants_a_turn()) << "a bind came";
  node.turn();
  EXPECT_EQ(node.handed[0], 1U);
  node.push(0);
  EXPECT_FALSE(node.wants_a_turn());
  node.outboxes.give_back(0, bind_at(1), node.now);
  EXPECT_TRUE(node.wants_a_turn()) << "a place came back";
  node.busy = true;
  node.turn();
  node.busy = false;
  EXPECT_FALSE(node.wants_a_turn());
  EXPECT_EQ(node.told(0), 1U);
  node.now += milliseconds(2);
  EXPECT_TRUE(node.wants_a_turn()) << "the busy bind is worth asking again";
  node.turn();
  EXPECT_EQ(node.told(0), 0U);
  node.outboxes.give_back(0, bind_at(1), node.now);
  EXPECT_FALSE(node.wants_a_turn()) << "nothing waits";
  node.push(0);
  EXPECT_TRUE(node.wants_a_turn()) << "a bind is free";
  node.turn();
  EXPECT_EQ(node.handed[0], 4U);
}

// Aim: what waits for one bind moves to another when that goes. Method: same_bind.
TEST(Outboxes, ABindThatGoesIsAnEvent) {
  std::vector<AccountOptions> options = accounts(1);
  options[0].receipts = ReceiptRouting::same_bind;
  const Directory directory(options, 0);
  Outboxes outboxes(directory, 0);
  outboxes.add_bind(0, bind_at(1), 0, 0);
  outboxes.add_bind(0, bind_at(2), 1, 0);
  MessageRecord record;
  record.begin(MessageId{1}, 0, bind_at(1).link);
  record.owner_shard = 0;
  record.expires_at = patience;
  outboxes.push_back(record, 0);
  EXPECT_GT(outboxes.deadline(), 0);
  outboxes.remove_bind(0, bind_at(1), 0);
  EXPECT_LE(outboxes.deadline(), 0);
  BindRef to;
  outboxes.run(
      0, [&](MessageRecord&, BindRef target) { to = target; }, [](MessageRecord&) {},
      [](MessageRecord&) {});
  EXPECT_EQ(to, bind_at(2));
}

// Aim: what is pinned to a bind goes there or nowhere. Method: two binds, of which one is full, and
// goes.
TEST(Outboxes, WhatIsPinnedIsLostWithItsBind) {
  Node node(1);
  node.outboxes.add_bind(0, bind_at(1), 1, node.now);
  node.outboxes.add_bind(0, bind_at(2), 100, node.now);
  for (int i = 0; i < 3; ++i) node.push(0, bind_at(1));
  node.turn();
  EXPECT_EQ(node.handed[0], 1U) << "as many as its window has room for";
  node.outboxes.give_back(0, bind_at(1), node.now);
  node.turn();
  EXPECT_EQ(node.handed[0], 2U);
  EXPECT_TRUE(node.lost.empty());
  node.outboxes.remove_bind(0, bind_at(1), node.now);
  EXPECT_LE(node.outboxes.deadline(), 0);
  node.turn();
  EXPECT_EQ(node.lost, std::vector<std::uint64_t>{3});
  node.push(0, bind_at(1));
  node.turn();
  EXPECT_EQ(node.lost.size(), 2U) << "nor does it wait for a bind that has gone";
  EXPECT_EQ(node.outboxes.waiting(0), 0U);
}

// Aim: a turn is bounded, goes round the accounts that are ready, and the next one follows at once.
// Method: one account with a great deal, others with little.
TEST(Outboxes, TurnsAreBoundedAndFair) {
  Node node(4);
  for (std::uint32_t account = 0; account < 4; ++account) {
    node.outboxes.add_bind(account, bind_at(account), 10'000, node.now);
    for (int i = 0; i < (account == 0 ? 5'000 : 40); ++i) node.push(account);
  }
  node.turn();
  EXPECT_LE(node.order.size(), Outboxes::per_run_max);
  EXPECT_GE(node.order.size(), Outboxes::per_run_max - Outboxes::per_visit_max);
  for (std::uint32_t account = 1; account < 4; ++account) EXPECT_EQ(node.handed[account], 40U);
  for (unsigned i = 0; i < 4 * Outboxes::per_visit_max; ++i)
    ASSERT_EQ(node.order[i], i / Outboxes::per_visit_max);
  EXPECT_TRUE(node.wants_a_turn());
  unsigned turns = 1;
  for (; node.wants_a_turn(); ++turns) node.turn();
  EXPECT_EQ(node.handed[0], 5'000U);
  EXPECT_GE(turns, 5'000 / Outboxes::per_run_max);
}

// Aim: what nobody takes expires at its time and not before, without anybody looking meanwhile, and
// a turn in which everything expires is bounded too. Method: accounts with and without a full bind.
TEST(Outboxes, Expiry) {
  Node node(1'000);
  for (std::uint32_t account = 0; account < 1'000; ++account) {
    if (account % 2 == 0) node.outboxes.add_bind(account, bind_at(account), 0, node.now);
    for (int i = 0; i < 3; ++i) node.push(account);
  }
  node.turn();
  const std::uint64_t before = node.outboxes.visits();
  node.now += patience - 1;
  node.turn();
  EXPECT_EQ(node.outboxes.visits(), before);
  EXPECT_EQ(node.expired[0], 0U);
  node.now += 1;
  node.turn();
  EXPECT_TRUE(node.wants_a_turn()) << "more than one turn may do";
  unsigned turns = 1;
  for (; node.wants_a_turn() && turns < 100; ++turns) node.turn();
  for (const unsigned expired : node.expired) EXPECT_EQ(expired, 3U);
  EXPECT_GE(turns, 3'000 / Outboxes::per_run_max);
  EXPECT_EQ(node.outboxes.deadline(), never);
}

// Aim: the count that other shards read is right after every change, not only after a turn.
TEST(Outboxes, TellsWhatWaits) {
  Node node(2);
  for (std::uint32_t i = 1; i <= 3; ++i) {
    node.push(1);
    EXPECT_EQ(node.told(1), i);
  }
  node.outboxes.add_bind(1, bind_at(1), 2, node.now);
  node.outboxes.run(
      node.now, [&](MessageRecord&, BindRef) { EXPECT_EQ(node.told(1), node.outboxes.waiting(1)); },
      [](MessageRecord&) {}, [](MessageRecord&) {});
  EXPECT_EQ(node.told(1), 1U);
  EXPECT_EQ(node.told(0), 0U);
}

}  // namespace
}  // namespace ringgate
