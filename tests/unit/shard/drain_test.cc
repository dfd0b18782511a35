#include <gtest/gtest.h>

#include "shard_world.h"

namespace ringgate::test {
namespace {

using smpp::Command;

void start_drain(World& world, unsigned shard = 0) {
  world.turn(shard, [](Shard& at) { at.start_drain(); });
  world.settle();
}

// Aim: during an orderly end new binds and submits are refused, each with its own status, and a
// session without anything under way is unbound.
TEST(Drain, RefusesWhatIsNew) {
  World world(one_account());
  world.backend.answer.reset();
  Peer& busy = world.bound("esme");
  world.write(busy, submit_pdu(1));
  Peer& idle = world.bound("esme");
  Peer& late = world.connect();
  start_drain(world);
  EXPECT_EQ(idle.next()->command(), Command::unbind);
  EXPECT_FALSE(busy.next().has_value()) << "its submit has no answer yet";
  world.write(busy, submit_pdu(2));
  const auto refused = busy.next();
  ASSERT_TRUE(refused.has_value());
  EXPECT_EQ(refused->sequence_number(), 2U);
  EXPECT_EQ(refused->status(), Status::ESME_RSUBMITFAIL);
  EXPECT_EQ(world.bind(late, Command::bind_transceiver, "esme"), Status::ESME_RBINDFAIL);
}

// Aim: what is under way is finished first: a submit gets its answer, a receipt may be answered;
// then comes the unbind. Method: with and without a journal, one session with both.
TEST(Drain, FinishesWhatIsUnderWay) {
  for (const bool journal : {false, true}) {
    World world(one_account(1, journal));
    Peer& peer = world.bound("esme");
    world.write(peer, submit_pdu(1));
    EXPECT_EQ(peer.next()->status(), Status::ESME_ROK);
    world.report(world.backend.held[0]);
    const auto receipt = peer.next();
    ASSERT_TRUE(receipt.has_value());
    EXPECT_EQ(receipt->command(), Command::deliver_sm);
    world.backend.answer.reset();
    world.write(peer, submit_pdu(2));
    start_drain(world);
    EXPECT_FALSE(peer.next().has_value());
    world.answer(world.backend.held[1]);
    const auto answer = peer.next();
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(answer->command(), Command::submit_sm_resp);
    EXPECT_FALSE(peer.next().has_value()) << "its deliver_sm has no answer yet";
    world.answer_deliver(peer, *receipt);
    const auto unbind = peer.next();
    ASSERT_TRUE(unbind.has_value());
    EXPECT_EQ(unbind->command(), Command::unbind);
    world.write(peer, pdu(Command::unbind_resp, unbind->sequence_number()));
    EXPECT_TRUE(peer.close_asked);
    EXPECT_EQ(world.counters().binds_open.get(), 0U);
  }
}

// Aim: with a journal no new receipt is begun: it is safe where it is. Without one it goes out.
TEST(Drain, Receipts) {
  for (const bool journal : {false, true}) {
    World world(one_account(1, journal));
    Peer& peer = world.bound("esme");
    world.write(peer, submit_pdu(1));
    peer.next();
    world.backend.answer.reset();
    world.write(peer, submit_pdu(2));  // Keeps the session open.
    start_drain(world);
    world.report(world.backend.held[0]);
    EXPECT_EQ(peer.next().has_value(), !journal);
    EXPECT_EQ(world.messages_open(), 2U);
  }
}

}  // namespace
}  // namespace ringgate::test
