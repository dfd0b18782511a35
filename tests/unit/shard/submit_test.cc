#include <gtest/gtest.h>

#include "shard_world.h"

namespace ringgate::test {
namespace {

using smpp::Command;

std::string burst(std::uint32_t first, std::uint32_t count, std::uint8_t registered_delivery = 0) {
  std::string out;
  for (std::uint32_t i = 0; i < count; ++i) out += submit_pdu(first + i, registered_delivery);
  return out;
}

unsigned count_status(Peer& peer, Status status) {
  unsigned count = 0;
  while (const auto one = peer.next()) {
    if (one->command() == Command::submit_sm_resp && one->status() == status) ++count;
  }
  return count;
}

// Aim: submits reach the backend in order and in batches, and each is answered with its own id.
// Method: 300 in one receive.
TEST(Submit, Batches) {
  World world(one_account());
  Peer& peer = world.bound("esme");
  world.write(peer, burst(10, 300));
  EXPECT_EQ(world.backend.held.size(), 300U);
  EXPECT_LE(world.backend.batches, 20U);
  std::set<std::string> ids;
  for (std::uint32_t i = 0; i < 300; ++i) {
    const auto answer = peer.next();
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(answer->sequence_number(), 10 + i);
    EXPECT_EQ(answer->message_id(), std::string_view(to_text(world.backend.held[i].id).data(), 16));
    ids.insert(answer->message_id());
  }
  EXPECT_EQ(ids.size(), 300U);
  EXPECT_EQ(world.messages_open(), 0U);
}

// Aim: over the rate the answer is ESME_RTHROTTLED and the session lives; the accepted count is the
// rate's, over two binds on two shards. Method: ten seconds of too much.
TEST(Submit, ThrottledOverShards) {
  WorldOptions options = one_account(2);
  options.accounts[0].rate = 100;
  options.accounts[0].burst = 10;
  World world(options);
  Peer* const peers[] = {&world.bound("esme", 0), &world.bound("esme", 1)};
  std::uint32_t sequence = 1;
  for (int i = 0; i < 1'000; ++i) {
    world.write(*peers[i % 2], burst(sequence, 2));
    sequence += 2;
    world.advance(milliseconds(10));
  }
  unsigned ok = 0;
  unsigned throttled = 0;
  for (Peer* peer : peers) {
    while (const auto one = peer->next()) {
      if (one->status() == Status::ESME_ROK) ++ok;
      if (one->status() == Status::ESME_RTHROTTLED) ++throttled;
    }
  }
  EXPECT_EQ(ok + throttled, 2'000U);
  EXPECT_NEAR(ok, 1'009, 10);
}

// Aim: a paced account is never refused: its octets wait, cut anywhere, and are resumed by the
// deadline alone. Method: 200 submits at once and in odd pieces, at 50 a second.
TEST(Submit, PacedByDeadline) {
  for (const std::size_t piece : {std::size_t{1'000'000}, std::size_t{37}, std::size_t{16}}) {
    WorldOptions options = one_account();
    options.accounts[0].rate = 50;
    options.accounts[0].burst = 5;
    options.accounts[0].over_rate = OverRate::pace;
    World world(options);
    Peer& peer = world.bound("esme");
    const std::string all = burst(1, 200);
    for (std::size_t at = 0; at < all.size(); at += piece) world.write(peer, all.substr(at, piece));
    EXPECT_LE(world.backend.held.size(), 6U);
    world.advance(seconds(2));
    EXPECT_NEAR(static_cast<double>(world.backend.held.size()), 105, 3);
    world.advance(seconds(3));
    EXPECT_EQ(world.backend.held.size(), 200U);
    EXPECT_EQ(count_status(peer, Status::ESME_ROK), 200U);
    EXPECT_EQ(world.messages_open(), 0U);
  }
}

// Aim: a long paced backlog makes the shard stop reading, once, and read again when it is through.
// Method: more than held_backlog_max while the rate is low.
TEST(Submit, PacedBacklogPausesReading) {
  WorldOptions options = one_account();
  options.accounts[0].rate = 1'000;
  options.accounts[0].burst = 1;
  options.accounts[0].over_rate = OverRate::pace;
  World world(options);
  Peer& peer = world.bound("esme");
  world.write(peer, burst(1, 800));
  EXPECT_FALSE(peer.paused);
  world.write(peer, burst(801, 800));
  EXPECT_TRUE(peer.paused);
  world.write(peer, burst(1'601, 100));  // What was under way still arrives.
  world.advance(seconds(2));
  EXPECT_FALSE(peer.paused);
  EXPECT_EQ(peer.pauses, 1U);
  EXPECT_EQ(count_status(peer, Status::ESME_ROK), 1'700U);
}

// Aim: submit_window unanswered submits stop the reading of more; each answer lets one more
// through. Method: a backend that answers by hand, in reverse order.
TEST(Submit, WindowBackPressure) {
  WorldOptions options = one_account();
  options.accounts[0].submit_window = 3;
  World world(options);
  world.backend.answer.reset();
  Peer& peer = world.bound("esme");
  world.write(peer, burst(1, 10));
  EXPECT_EQ(world.backend.held.size(), 3U);
  std::set<std::uint32_t> answered;
  for (std::size_t taken = 3; !world.backend.held.empty();) {
    const FakeBackend::Held last = world.backend.held.back();
    world.backend.held.pop_back();
    world.answer(last);
    taken = std::min<std::size_t>(taken + 1, 10);
    EXPECT_EQ(world.backend.held.size() + answered.size() + 1, taken);
    const auto answer = peer.next();
    ASSERT_TRUE(answer.has_value());
    EXPECT_TRUE(answered.insert(answer->sequence_number()).second);
  }
  EXPECT_EQ(answered.size(), 10U);
  EXPECT_EQ(world.messages_open(), 0U);
}

// Aim: a message that owes no receipt does not count against max_outbox; those that may do, until
// they end. Method: fill, refuse, end one, accept one.
TEST(Submit, MaxOutbox) {
  WorldOptions options = one_account();
  options.accounts[0].max_outbox = 5;
  World world(options);
  Peer& peer = world.bound("esme", 0, Command::bind_transmitter);
  world.write(peer, burst(1, 8, 1));
  EXPECT_EQ(count_status(peer, Status::ESME_ROK), 5U);
  world.write(peer, burst(11, 3, 1) + burst(21, 4, 0));
  EXPECT_EQ(count_status(peer, Status::ESME_ROK), 4U);
  EXPECT_EQ(world.messages_open(), 5U);
  Peer& receiver = world.bound("esme", 0, Command::bind_receiver);
  world.report(world.backend.held[0]);
  world.answer_deliver(receiver, *receiver.next());
  world.write(peer, burst(31, 2, 1));
  while (const auto one = peer.next())
    EXPECT_EQ(one->status(),
              one->sequence_number() == 31 ? Status::ESME_ROK : Status::ESME_RMSGQFUL);
}

// Aim: more open messages than a shard has room for are refused and counted, and room comes back.
// Method: a backend that holds answers.
TEST(Submit, MaxOpenMessages) {
  WorldOptions options = one_account();
  options.messages_max = 4;
  World world(options);
  world.backend.answer.reset();
  Peer& peer = world.bound("esme");
  world.write(peer, burst(1, 6));
  EXPECT_EQ(count_status(peer, Status::ESME_RMSGQFUL), 2U);
  EXPECT_EQ(world.counters().submits_refused.get(), 2U);
  world.answer(world.backend.held[0]);
  world.answer(world.backend.held[1], Status::ESME_RSYSERR);
  world.write(peer, burst(11, 3));
  EXPECT_EQ(count_status(peer, Status::ESME_RMSGQFUL), 1U);
  EXPECT_EQ(world.messages_open(), 4U);
}

// Aim: answers and reports that come twice, late, or for another life of the slot change nothing.
// Method: replay of old tickets after the slot was used again.
TEST(Submit, StaleTickets) {
  World world(one_account());
  Peer& peer = world.bound("esme");
  world.backend.answer.reset();
  world.write(peer, submit_pdu(1, 0));
  const FakeBackend::Held first = world.backend.held[0];
  world.answer(first);
  world.write(peer, submit_pdu(2, 1));
  const FakeBackend::Held second = world.backend.held[1];
  ASSERT_EQ(second.ticket.slot, first.ticket.slot);
  peer.in.pdus.clear();
  world.answer(first, Status::ESME_RSYSERR);
  world.report(first);
  world.answer({{9'999'999, 1, 0}, {}, "", "", ReceiptWish::none});
  EXPECT_TRUE(peer.in.pdus.empty());
  world.answer(second);
  world.answer(second, Status::ESME_RSYSERR);
  ASSERT_EQ(peer.in.pdus.size(), 1U);
  EXPECT_EQ(peer.next()->status(), Status::ESME_ROK);
  world.report(second, MessageState::enroute);  // Not final: nothing yet.
  EXPECT_TRUE(peer.in.pdus.empty());
  world.report(second);
  world.report(second, MessageState::expired);
  ASSERT_EQ(peer.in.pdus.size(), 1U);
  world.answer_deliver(peer, *peer.next());
  EXPECT_EQ(world.messages_open(), 0U);
}

// Aim: a peer that submits without reading is slowed down by its own backlog, loses nothing when it
// reads again, and costs bounded memory. Method: no send is carried while 40,000 submits come in.
TEST(Submit, SlowReaderStopsItsOwnInput) {
  World world(one_account());
  Peer& peer = world.bound("esme");
  peer.reads = false;
  std::uint32_t written = 0;
  while (!peer.paused && written < 40'000) {
    world.write(peer, burst(1 + written, 200));
    written += 200;
  }
  EXPECT_TRUE(peer.paused);
  EXPECT_LT(written, 12'000U);  // 256 KiB of answers are 8,000.
  EXPECT_LT(world.backend.held.size(), written);
  peer.reads = true;
  world.settle();
  EXPECT_FALSE(peer.paused);
  EXPECT_EQ(count_status(peer, Status::ESME_ROK), written);
  EXPECT_EQ(peer.pauses, 1U);
}

// Aim: a peer that reads nothing at all is closed after the stall time and not before. Method: one
// answer that never leaves.
TEST(Submit, WriteStall) {
  World world(one_account());
  Peer& peer = world.bound("esme");
  peer.reads = false;
  world.write(peer, submit_pdu(1, 0));
  world.advance(seconds(29));
  EXPECT_FALSE(peer.released);
  world.advance(seconds(2));
  EXPECT_TRUE(peer.released);
  EXPECT_EQ(world.counters().binds_open.get(), 0U);
}

// Aim: sends that go in pieces carry the same octets. Method: seven octets at a time.
TEST(Submit, ShortSends) {
  World world(one_account());
  Peer& peer = world.bound("esme");
  peer.at_most = 7;
  world.write(peer, burst(1, 100));
  EXPECT_EQ(count_status(peer, Status::ESME_ROK), 100U);
}

// Aim: answers for a client that has left are not written anywhere, and the message goes on.
// Method: drop before the answer; its receipt goes to the next bind.
TEST(Submit, AnswerAfterTheClientLeft) {
  World world(one_account());
  world.backend.answer.reset();
  Peer& peer = world.bound("esme");
  world.write(peer, submit_pdu(1));
  world.drop(peer);
  Peer& next = world.bound("esme");
  world.answer(world.backend.held[0]);
  world.report(world.backend.held[0]);
  const auto receipt = next.next();
  ASSERT_TRUE(receipt.has_value());
  EXPECT_EQ(receipt->command(), Command::deliver_sm);
  world.answer_deliver(next, *receipt);
  EXPECT_EQ(world.messages_open(), 0U);
}

// Aim: unbind waits for what is in hand. Method: unbind behind an unanswered submit.
TEST(Submit, UnbindWaitsForAnswers) {
  World world(one_account());
  world.backend.answer.reset();
  Peer& peer = world.bound("esme");
  world.write(peer, submit_pdu(1, 0) + pdu(Command::unbind, 2) + submit_pdu(3, 0));
  EXPECT_EQ(peer.next()->status(), Status::ESME_RINVBNDSTS);
  EXPECT_TRUE(peer.in.pdus.empty());
  world.answer(world.backend.held[0]);
  EXPECT_EQ(peer.next()->command(), Command::submit_sm_resp);
  EXPECT_EQ(peer.next()->command(), Command::unbind_resp);
  EXPECT_EQ(world.counters().binds_open.get(), 0U);
  world.advance(seconds(2));
  EXPECT_TRUE(peer.released);
}

// Aim: the log tells of an account that is throttled or refused, a line a second at most over all
// shards, with counts that lose nothing. Method: ten seconds of too many submits on two shards, and
// a backend that refuses.
TEST(Submit, RefusalsAreInTheLog) {
  WorldOptions options = one_account(2);
  options.accounts[0].rate = 1;
  options.accounts[0].burst = 1;
  World world(options);
  Peer* const peers[] = {&world.bound("esme", 0), &world.bound("esme", 1)};
  for (std::uint32_t i = 0; i < 100; ++i) {
    for (Peer* const peer : peers)
      world.write(*peer, submit_pdu(2 * i + 1, 0) + submit_pdu(2 * i + 2, 0));
    world.advance(milliseconds(100));
  }
  const std::size_t lines = world.log.of("throttled").size();
  EXPECT_GE(lines, 5U);
  EXPECT_LE(lines, 11U);
  world.advance(seconds(5));
  std::uint64_t told = 0;
  for (const std::string& line : world.log.of("throttled system_id=esme shard=")) {
    EXPECT_TRUE(line.ends_with(" status=ESME_RTHROTTLED")) << line;
    told += std::stoull(line.substr(line.find(" count=") + 7));
  }
  EXPECT_EQ(told,
            world.counters(0).submits_throttled.get() + world.counters(1).submits_throttled.get());
  world.backend.answer = Status::ESME_RSUBMITFAIL;
  world.write(*peers[0], submit_pdu(1'000, 0));
  world.advance(seconds(2));
  EXPECT_EQ(world.log.of("refused system_id=esme shard=0 count=1 status=ESME_RSUBMITFAIL").size(),
            1U);
  EXPECT_GT(world.shard().deadline(), world.now.mono) << "nothing is left to tell";
}

}  // namespace
}  // namespace ringgate::test
