// The shard with a journal: what waits for the disk, and what survives an end.
#include <gtest/gtest.h>

#include "shard_world.h"
#include "smpp/operations.h"
#include "smpp/tlv.h"

namespace ringgate::test {
namespace {

using smpp::Command;

WorldOptions durable(unsigned shards = 1) { return one_account(shards, true); }

void let_go(World& world) {
  world.hold_disk = false;
  world.settle();
}

// Aim: no answer leaves before its message is on stable storage, and then it does. Method: a disk
// that holds still.
TEST(ShardJournal, AnswersWaitForTheDisk) {
  World world(durable());
  Peer& peer = world.bound("esme");
  world.hold_disk = true;
  world.write(peer, submit_pdu(1, 0));
  world.write(peer, submit_pdu(2, 0));
  EXPECT_EQ(world.backend.held.size(), 2U) << "the backend need not wait";
  EXPECT_FALSE(peer.next().has_value());
  world.write(peer, pdu(Command::enquire_link, 3));
  EXPECT_FALSE(peer.next().has_value()) << "nothing overtakes";
  let_go(world);
  EXPECT_EQ(peer.next()->sequence_number(), 1U);
  EXPECT_EQ(peer.next()->sequence_number(), 2U);
  EXPECT_EQ(peer.next()->command(), Command::enquire_link_resp);
}

// Aim: a refusal is no promise, but it stands behind promises. An idle session waits for nobody.
TEST(ShardJournal, IdleSessionsDoNotWait) {
  World world(durable());
  Peer& peer = world.bound("esme");
  world.write(peer, pdu(Command::enquire_link, 3));
  EXPECT_TRUE(peer.next().has_value());
}

// Aim: after a failed write nothing is acknowledged, ever. Method: EIO for the batch of a submit;
// later submits and the end of the session's patience change nothing.
TEST(ShardJournal, NothingAfterAFailure) {
  World world(durable());
  Peer& peer = world.bound("esme");
  world.disk_error = EIO;
  world.write(peer, submit_pdu(1, 0));
  EXPECT_EQ(world.shard().journal_failure(), EIO);
  world.disk_error = 0;
  world.write(peer, submit_pdu(2, 0));
  world.settle();
  EXPECT_FALSE(peer.next().has_value());
}

// Aim: a receipt leaves when its outcome is safe, whichever way it goes. Method: the submitting
// bind on this shard; then one that is only on the other.
TEST(ShardJournal, ReceiptsWaitForTheirOutcome) {
  for (const bool elsewhere : {false, true}) {
    World world(durable(2));
    Peer& submitter =
        world.bound("esme", 0, elsewhere ? Command::bind_transmitter : Command::bind_transceiver);
    Peer& receiver = elsewhere ? world.bound("esme", 1, Command::bind_receiver) : submitter;
    world.write(submitter, submit_pdu(1));
    EXPECT_EQ(submitter.next()->status(), Status::ESME_ROK);
    world.hold_disk = true;
    world.report(world.backend.held[0]);
    world.advance(seconds(1));
    EXPECT_FALSE(receiver.next().has_value());
    let_go(world);
    const auto receipt = receiver.next();
    ASSERT_TRUE(receipt.has_value());
    EXPECT_EQ(receipt->command(), Command::deliver_sm);
    world.answer_deliver(receiver, *receipt);
    EXPECT_EQ(world.messages_open(), 0U);
  }
}

// Aim: a receipt whose connection ends before its octets may leave is not lost, and still does not
// go elsewhere before its outcome is safe.
TEST(ShardJournal, AReceiptLosesItsConnection) {
  World world(durable());
  Peer& first = world.bound("esme");
  world.write(first, submit_pdu(1));
  first.next();
  Peer& second = world.bound("esme");
  world.hold_disk = true;
  world.report(world.backend.held[0]);
  world.drop(first);
  EXPECT_FALSE(second.next().has_value());
  let_go(world);
  const auto receipt = second.next();
  ASSERT_TRUE(receipt.has_value());
  EXPECT_EQ(receipt->command(), Command::deliver_sm);
}

// Aim: a message that wants no receipt stays until its outcome is here.
TEST(ShardJournal, UntilTheOutcome) {
  World world(durable());
  Peer& peer = world.bound("esme");
  world.write(peer, submit_pdu(1, 0));
  EXPECT_EQ(peer.next()->status(), Status::ESME_ROK);
  EXPECT_EQ(world.messages_open(), 1U);
  world.report(world.backend.held[0]);
  EXPECT_EQ(world.messages_open(), 0U);
  EXPECT_FALSE(peer.next().has_value());
}

// Aim: query_sm of a message that has ended is answered here, with its state, its date and its
// error, to its own account and source only; cancel_sm of it fails.
TEST(ShardJournal, EndedMessagesAreKnown) {
  World world(durable(2));
  Peer& peer = world.bound("esme", 0);
  world.write(peer, submit_pdu(1, 0));
  const std::string id = peer.next()->message_id();
  world.turn(0, [&](Shard& at) {
    at.report(world.backend.held[0].ticket, {MessageState::undeliverable, 7});
  });
  world.settle();
  Peer& asker = world.bound("esme", 1);
  world.write(asker, query_pdu(5, id));
  const auto answer = asker.next();
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->command(), Command::query_sm_resp);
  EXPECT_EQ(answer->body,
            id + std::string("\0", 1) + "231114221320000+" + std::string("\0\x05\x07", 3));
  EXPECT_TRUE(world.backend.operations.empty()) << "the backend was asked";
  world.write(asker, query_pdu(6, id, "447700900009"));
  EXPECT_EQ(asker.next()->status(), Status::ESME_RINVMSGID);
  smpp::CancelSm cancel;
  cancel.message_id = id;
  cancel.source_addr = "447700900001";
  world.write(asker, encoded(Command::cancel_sm, 7, cancel));
  EXPECT_EQ(asker.next()->status(), Status::ESME_RCANCELFAIL);
}

// Aim: the end of a message is known here from its outcome on, also while its receipt waits for a
// bind. Method: an account without a receiver; a backend that would not know.
TEST(ShardJournal, EndsAreKnownBeforeTheReceipt) {
  World world(durable());
  Peer& peer = world.bound("esme", 0, Command::bind_transmitter);
  world.write(peer, submit_pdu(1));
  const std::string id = peer.next()->message_id();
  world.backend.operation_answer.reset();
  world.write(peer, query_pdu(2, id));
  EXPECT_EQ(world.backend.operations.size(), 1U) << "until then it is the backend that knows";
  world.report(world.backend.held[0]);
  EXPECT_EQ(world.messages_open(), 1U);
  world.write(peer, query_pdu(3, id));
  const auto answer = peer.next();
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->sequence_number(), 3U);
  EXPECT_EQ(answer->status(), Status::ESME_ROK);
  EXPECT_EQ(world.backend.operations.size(), 1U);
}

// Aim: what an operation has done is told when it is safe. Method: a backend that ends the message
// when it is asked to cancel it; a disk that holds still.
TEST(ShardJournal, OperationsWaitForTheDisk) {
  World world(durable(2));
  Peer& peer = world.bound("esme", 0);
  Peer& asker = world.bound("esme", 1);
  world.write(peer, submit_pdu(1, 0));
  const std::string id = peer.next()->message_id();
  world.backend.operation_answer.reset();
  smpp::CancelSm cancel;
  cancel.message_id = id;
  cancel.source_addr = "447700900001";
  world.hold_disk = true;
  world.write(asker, encoded(Command::cancel_sm, 7, cancel));
  ASSERT_EQ(world.backend.operations.size(), 1U);
  world.turn(0, [&](Shard& at) {
    at.report(world.backend.held[0].ticket, {MessageState::deleted, 0});
    at.answer(world.backend.operations[0].ticket, OperationAnswer{});
  });
  world.settle();
  EXPECT_FALSE(asker.next().has_value());
  let_go(world);
  EXPECT_EQ(asker.next()->status(), Status::ESME_ROK);
}

// Aim: mail that waits for the disk is freed with its shard; the address sanitizer looks. Method: a
// query from another shard is answered while the disk holds still, and the world ends.
TEST(ShardJournal, EndsWithMailThatWaits) {
  World world(durable(2));
  Peer& peer = world.bound("esme", 0);
  Peer& asker = world.bound("esme", 1);
  world.write(peer, submit_pdu(1, 0));
  const std::string id = peer.next()->message_id();
  world.hold_disk = true;
  world.report(world.backend.held[0]);
  world.write(asker, query_pdu(5, id));
  EXPECT_FALSE(asker.next().has_value());
}

// Aim: every destination of a submit_multi is kept until its own outcome. Method: two destinations
// that want no receipt.
TEST(ShardJournal, EveryDestinationIsKept) {
  World world(durable());
  Peer& peer = world.bound("esme");
  std::string body(
      "\0\1\1"
      "447700900001"
      "\0\2",
      17);
  for (const char last : {'2', '3'})
    body += std::string(
                "\1\1\1"
                "44770090000",
                14) +
            last + std::string(1, '\0');
  body += std::string("\0\0\0\0\0\0\0\0\0\2hi", 12);
  world.write(peer, pdu(Command::submit_multi, 1, Status::ESME_ROK, body));
  const auto answer = peer.next();
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status(), Status::ESME_ROK);
  ASSERT_EQ(world.backend.held.size(), 2U);
  EXPECT_EQ(world.messages_open(), 2U);
  world.report(world.backend.held[0]);
  EXPECT_EQ(world.messages_open(), 1U);
  world.report(world.backend.held[1]);
  EXPECT_EQ(world.messages_open(), 0U);
}

std::string with_reference(std::uint32_t sequence_number, std::uint8_t reference,
                           std::string_view text = "hello") {
  std::string out = submit_pdu(sequence_number, 0, text);
  out.append("\x02\x04\x00\x02\x00", 5).push_back(static_cast<char>(reference));
  out[3] = static_cast<char>(out.size());
  return out;
}

// Aim: a submit that is sent again gets the first one's id, on any shard, once that is safe; until
// then it is put off. Another reference or text is another message, and without a reference every
// one is.
TEST(ShardJournal, Resubmit) {
  WorldOptions options = durable(2);
  options.accounts[0].resubmit_window_s = 60;
  World world(options);
  Peer& peer = world.bound("esme", 0);
  Peer& again = world.bound("esme", 1);
  world.hold_disk = true;
  world.write(peer, with_reference(1, 5));
  world.write(again, with_reference(1, 5));
  let_go(world);
  const auto first = peer.next();
  EXPECT_EQ(first->status(), Status::ESME_ROK);
  EXPECT_EQ(again.next()->status(), Status::ESME_RTHROTTLED);
  world.write(again, with_reference(2, 5));
  const auto repeated = again.next();
  EXPECT_EQ(repeated->status(), Status::ESME_ROK);
  EXPECT_EQ(repeated->message_id(), first->message_id());
  EXPECT_EQ(world.backend.held.size(), 1U);
  EXPECT_EQ(world.counters(1).resubmits.get(), 1U);
  std::set<std::string> ids{first->message_id()};
  for (const std::string& other :
       {with_reference(3, 6), with_reference(4, 5, "other"), submit_pdu(5, 0), submit_pdu(6, 0)}) {
    world.write(again, other);
    ids.insert(again.next()->message_id());
  }
  EXPECT_EQ(ids.size(), 5U);
  world.advance(seconds(61));
  world.write(again, with_reference(7, 5));
  EXPECT_TRUE(ids.insert(again.next()->message_id()).second) << "the window was over";
}

// Aim: a refused submit is no first one.
TEST(ShardJournal, ResubmitOfARefusedOne) {
  WorldOptions options = durable();
  options.accounts[0].resubmit_window_s = 60;
  World world(options);
  Peer& peer = world.bound("esme");
  world.backend.answer = Status::ESME_RSYSERR;
  world.write(peer, with_reference(1, 5));
  EXPECT_EQ(peer.next()->status(), Status::ESME_RSYSERR);
  world.backend.answer = Status::ESME_ROK;
  world.write(peer, with_reference(2, 5));
  EXPECT_EQ(peer.next()->status(), Status::ESME_ROK);
}

// Aim: RX_P_APPN ends its receipt and keeps the next ones for that destination back for a while;
// others go on.
TEST(ShardJournal, PermanentErrorSuspendsTheDestination) {
  for (const bool journal : {false, true}) {
    World world(one_account(1, journal));
    world.backend.report = true;
    Peer& submitter = world.bound("esme", 0, Command::bind_transmitter);
    Peer& receiver = world.bound("esme", 0, Command::bind_receiver);
    world.write(submitter, submit_pdu(1));
    const auto first = receiver.next();
    ASSERT_TRUE(first.has_value());
    world.answer_deliver(receiver, *first, Status::ESME_RX_P_APPN);
    EXPECT_EQ(world.messages_open(), 0U);
    EXPECT_EQ(world.counters().delivers_suspended.get(), 1U);
    world.write(submitter, submit_pdu(2));
    world.advance(seconds(20));
    EXPECT_FALSE(receiver.next().has_value());
    std::string other = submit_pdu(3);
    other[other.find("447700900001") + 11] = '7';
    world.write(submitter, other);
    EXPECT_TRUE(receiver.next().has_value());
    world.advance(seconds(300));
    EXPECT_TRUE(receiver.next().has_value());
  }
}

}  // namespace
}  // namespace ringgate::test
