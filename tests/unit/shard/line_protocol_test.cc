#include <gtest/gtest.h>

#include "line_session.h"
#include "shard_world.h"

namespace ringgate {
namespace {

using test::Peer;
using test::World;
using test::WorldOptions;

const test::LineProtocol lines{};

WorldOptions options(unsigned shards, bool journal) {
  WorldOptions out = test::one_account(shards, journal);
  out.protocol = &lines;
  out.accounts.push_back(test::account("other"));
  for (AccountOptions& account : out.accounts) account.submit_window = 2;
  return out;
}

/// What it was sent since the last time.
std::string taken(Peer& peer) { return std::exchange(peer.text, {}); }

std::string id_of(const test::FakeBackend::Held& held) {
  char text[message_id_text_max];
  return {text, write_message_id(held.id, {}, text)};
}

/// Of shards, with a journal or without.
class LineProtocolTest : public testing::TestWithParam<std::pair<unsigned, bool>> {
 protected:
  Peer& bound(unsigned shard = 0) {
    Peer& peer = world_.connect(shard);
    world_.write(peer, "bind esme secret\n");
    EXPECT_EQ(taken(peer), "bound\n");
    return peer;
  }

  World world_{options(GetParam().first, GetParam().second)};
};

// Aim: a shard serves whatever protocol its peers speak: a bind, a submit, its answer, its receipt
// and the end. Method: all of it in lines, octet by octet.
TEST_P(LineProtocolTest, BindsSubmitsAndGetsItsReceipt) {
  Peer& peer = world_.connect(world_.shard().shard());
  for (const char octet : std::string("bind esme secret\n7 send 4420 4670 hello there\n"))
    world_.write(peer, std::string(1, octet));
  ASSERT_EQ(world_.backend.held.size(), 1U);
  const test::FakeBackend::Held held = world_.backend.held.front();
  EXPECT_EQ(held.text, "hello there");
  EXPECT_EQ(held.destination, "4670");
  EXPECT_EQ(held.system_id, "esme");
  const std::string id = id_of(held);
  EXPECT_EQ(taken(peer), "bound\n7 id " + id + "\n");
  world_.report(held);
  EXPECT_EQ(taken(peer), "receipt 1 " + id + " 2\n");
  world_.write(peer, "ok 1\n");
  ASSERT_EQ(world_.backend.ended.size(), 1U);
  EXPECT_EQ(world_.backend.ended.front().how, DeliverResult::delivered);
  EXPECT_EQ(world_.messages_open(), 0U);
  world_.write(peer, "bye\n");
  EXPECT_EQ(taken(peer), "bye\n");
  EXPECT_EQ(world_.counters().binds_open.get(), 0U);
}

// Aim: a receipt finds another bind of the account, on another shard where there is one. Method:
// the submitting one leaves before the outcome.
TEST_P(LineProtocolTest, AReceiptGoesToWhoeverIsThere) {
  Peer& submitter = bound();
  world_.write(submitter, "1 send 4420 4670 hello\n");
  world_.drop(submitter);
  Peer& other = bound(GetParam().first - 1);
  const test::FakeBackend::Held held = world_.backend.held.front();
  world_.report(held);
  EXPECT_EQ(taken(other), "receipt 1 " + id_of(held) + " 2\n");
}

// Aim: refusals, windows and what overtakes them are the shard's and the same for all. Method: a
// wrong password; more submits than the window, with an answer to a receipt behind them.
TEST_P(LineProtocolTest, IsHeldAndRefusedLikeAnyOther) {
  Peer& stranger = world_.connect();
  world_.write(stranger, "bind esme wrong\n");
  EXPECT_EQ(taken(stranger), "refused ESME_RBINDFAIL\n");

  Peer& peer = bound();
  world_.write(peer, "1 send 4420 4670 one\n");
  taken(peer);
  world_.report(world_.backend.held.front());
  EXPECT_EQ(taken(peer).substr(0, 10), "receipt 1 ");
  world_.backend.answer.reset();
  world_.write(peer, "2 send 1 2 b\n3 send 1 2 c\n4 send 1 2 d\nok 1\n");
  EXPECT_EQ(world_.backend.held.size(), 3U);
  EXPECT_EQ(world_.backend.ended.size(), 1U) << "the answer has waited behind a full window";
  world_.answer(world_.backend.held[1]);
  EXPECT_EQ(world_.backend.held.size(), 4U);
}

INSTANTIATE_TEST_SUITE_P(Shards, LineProtocolTest,
                         testing::Values(std::pair{1U, false}, std::pair{2U, false},
                                         std::pair{2U, true}));

}  // namespace
}  // namespace ringgate
