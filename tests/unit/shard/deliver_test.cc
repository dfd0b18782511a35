#include <gtest/gtest.h>

#include "shard_world.h"

namespace ringgate::test {
namespace {

using smpp::Command;

std::string id_of(const FakeBackend::Held& held) {
  return std::string(to_text(held.id).data(), 16);
}

void expect_receipt(Peer& peer, const FakeBackend::Held& held, Pdu* out = nullptr) {
  const auto one = peer.next();
  ASSERT_TRUE(one.has_value()) << "no receipt";
  ASSERT_EQ(one->command(), Command::deliver_sm);
  EXPECT_EQ(one->receipted_id(), id_of(held));
  if (out != nullptr) *out = *one;
}

// Aim: whichever of answer and report comes first, the response is in the stream before the
// receipt, and the message ends with the client's answer. Method: both orders, at once and by hand.
TEST(Deliver, ResponseBeforeReceipt) {
  for (const bool report_first : {false, true}) {
    World world(one_account());
    world.backend.report = !report_first;
    world.backend.report_first = report_first;
    Peer& peer = world.bound("esme");
    world.write(peer, submit_pdu(1));
    EXPECT_EQ(peer.next()->command(), Command::submit_sm_resp);
    Pdu receipt;
    expect_receipt(peer, world.backend.held[0], &receipt);
    EXPECT_EQ(world.messages_open(), 1U);
    world.answer_deliver(peer, receipt);
    EXPECT_EQ(world.messages_open(), 0U);
    ASSERT_EQ(world.backend.ended.size(), 1U);
    EXPECT_EQ(world.backend.ended[0].how, DeliverResult::delivered);
  }
  World world(one_account());
  world.backend.answer.reset();
  Peer& peer = world.bound("esme");
  world.write(peer, submit_pdu(1));
  world.report(world.backend.held[0]);
  EXPECT_TRUE(peer.in.pdus.empty());
  world.answer(world.backend.held[0]);
  EXPECT_EQ(peer.next()->command(), Command::submit_sm_resp);
  expect_receipt(peer, world.backend.held[0]);
}

// Aim: receipts follow the wish. Method: every wish with a good and a bad outcome.
TEST(Deliver, Wishes) {
  for (std::uint8_t wish = 0; wish < 4; ++wish) {
    for (const MessageState state : {MessageState::delivered, MessageState::undeliverable}) {
      World world(one_account());
      world.backend.report = true;
      world.backend.outcome = {state, 0};
      Peer& peer = world.bound("esme");
      world.write(peer, submit_pdu(1, wish));
      peer.next();
      const bool wanted = wants_receipt(static_cast<ReceiptWish>(wish), state);
      EXPECT_EQ(peer.in.pdus.size(), wanted ? 1U : 0U);
      EXPECT_EQ(world.messages_open(), wanted ? 1U : 0U);
    }
  }
}

// Aim: a receipt for another bind waits until the response has been handed to the kernel. Method: a
// transmitter whose send is held back, a receiver that is idle; on one shard and on two.
TEST(Deliver, OtherBindWaitsForTheResponse) {
  for (const unsigned shards : {1U, 2U}) {
    World world(one_account(shards));
    world.backend.report = true;
    Peer& transmitter = world.bound("esme", 0, Command::bind_transmitter);
    Peer& receiver = world.bound("esme", shards - 1, Command::bind_receiver);
    transmitter.reads = false;
    world.write(transmitter, submit_pdu(1));
    EXPECT_TRUE(receiver.in.pdus.empty());
    // Not the whole response yet.
    world.turn(0, [&](Shard&) { world.carry(transmitter, 20); });
    world.settle();
    EXPECT_TRUE(receiver.in.pdus.empty());
    transmitter.reads = true;
    world.settle();
    EXPECT_EQ(transmitter.next()->command(), Command::submit_sm_resp);
    Pdu receipt;
    expect_receipt(receiver, world.backend.held[0], &receipt);
    world.answer_deliver(receiver, receipt);
    EXPECT_EQ(world.messages_open(), 0U);
  }
}

// Aim: a submitter that dies with its response unsent does not keep its receipts. Method: as above,
// then the transmitter is reset.
TEST(Deliver, WaitingReceiptsSurviveTheSubmitter) {
  World world(one_account());
  world.backend.report = true;
  Peer& transmitter = world.bound("esme", 0, Command::bind_transmitter);
  Peer& receiver = world.bound("esme", 0, Command::bind_receiver);
  transmitter.reads = false;
  world.write(transmitter, submit_pdu(1) + submit_pdu(2));
  world.drop(transmitter);
  expect_receipt(receiver, world.backend.held[0]);
  expect_receipt(receiver, world.backend.held[1]);
}

// Aim: "ask me later" is retried after the delay, on the same bind if there is no other, until the
// client takes it. Method: RX_T_APPN twice.
TEST(Deliver, TemporaryRefusal) {
  World world(one_account());
  world.backend.report = true;
  Peer& peer = world.bound("esme");
  world.write(peer, submit_pdu(1));
  peer.next();
  for (const Nanos delay : {seconds(1), seconds(2)}) {
    Pdu receipt;
    expect_receipt(peer, world.backend.held[0], &receipt);
    world.answer_deliver(peer, receipt, Status::ESME_RX_T_APPN);
    world.advance(delay - milliseconds(1));
    EXPECT_TRUE(peer.in.pdus.empty());
    world.advance(delay / 4 + milliseconds(20));
  }
  Pdu receipt;
  expect_receipt(peer, world.backend.held[0], &receipt);
  world.answer_deliver(peer, receipt);
  EXPECT_EQ(world.messages_open(), 0U);
  EXPECT_EQ(world.counters().delivers_retried.get(), 2U);
}

// Aim: "never" ends the receipt and is told to the backend. Method: both permanent codes.
TEST(Deliver, PermanentRefusal) {
  for (const Status status : {Status::ESME_RX_R_APPN, Status::ESME_RX_P_APPN}) {
    World world(one_account());
    world.backend.report = true;
    Peer& peer = world.bound("esme");
    world.write(peer, submit_pdu(1));
    peer.next();
    Pdu receipt;
    expect_receipt(peer, world.backend.held[0], &receipt);
    world.answer_deliver(peer, receipt, status);
    EXPECT_EQ(world.messages_open(), 0U);
    ASSERT_EQ(world.backend.ended.size(), 1U);
    EXPECT_EQ(world.backend.ended[0].how, DeliverResult::refused);
    EXPECT_EQ(world.counters().delivers_refused.get(), 1U);
    world.advance(seconds(29));
    EXPECT_TRUE(peer.in.pdus.empty());
  }
}

// Aim: what a lost connection left unanswered goes to another bind at once. Method: hangup with
// three open deliver_sm, the other bind on the same and on another shard.
TEST(Deliver, HangupRetriesElsewhere) {
  for (const unsigned shards : {1U, 2U}) {
    World world(one_account(shards));
    world.backend.report = true;
    Peer& first = world.bound("esme", 0);
    world.write(first, submit_pdu(1) + submit_pdu(2) + submit_pdu(3));
    EXPECT_EQ(first.in.pdus.size(), 6U);
    Peer& second = world.bound("esme", shards - 1);
    EXPECT_TRUE(second.in.pdus.empty());
    world.drop(first);
    EXPECT_EQ(second.in.pdus.size(), 3U) << shards << " shards";
    while (const auto receipt = second.next()) world.answer_deliver(second, *receipt);
    EXPECT_EQ(world.messages_open(), 0U);
  }
}

// Aim: a deliver_sm that is never answered times out and is tried on another bind. Method: the
// response time passes while the session is kept alive.
TEST(Deliver, NoAnswer) {
  World world(one_account());
  world.backend.report = true;
  Peer& silent = world.bound("esme");
  world.write(silent, submit_pdu(1));
  silent.in.pdus.clear();
  Peer& other = world.bound("esme");
  world.advance(seconds(29));
  EXPECT_TRUE(other.in.pdus.empty());
  world.write(silent, pdu(Command::enquire_link, 50));
  world.write(other, pdu(Command::enquire_link, 50));
  other.in.pdus.clear();
  world.advance(seconds(2));
  expect_receipt(other, world.backend.held[0]);
}

// Aim: a client has the whole response time for a receipt that comes after a long silence. Method:
// silence of nearly enquire_link, then a receipt answered after ten seconds.
TEST(Deliver, FullResponseTimeAfterSilence) {
  World world(one_account());
  Peer& peer = world.bound("esme");
  world.write(peer, submit_pdu(1));
  peer.next();
  world.advance(seconds(29));
  world.report(world.backend.held[0]);
  Pdu receipt;
  expect_receipt(peer, world.backend.held[0], &receipt);
  world.advance(milliseconds(500));
  world.write(peer, pdu(Command::enquire_link, 50));
  world.advance(milliseconds(9'500));
  world.answer_deliver(peer, receipt);
  EXPECT_EQ(world.counters().delivers_retried.get(), 0U);
  EXPECT_EQ(world.messages_open(), 0U);
}

// Aim: without a bind receipts are kept, and delivered in order when one comes; a transmitter does
// not count. Method: the submitter leaves before the reports.
TEST(Deliver, KeptUntilABindComes) {
  World world(one_account(2));
  Peer& peer = world.bound("esme", 1);
  world.write(peer, submit_pdu(1) + submit_pdu(2));
  world.drop(peer);
  world.report(world.backend.held[0]);
  world.report(world.backend.held[1]);
  Peer& transmitter = world.bound("esme", 1, Command::bind_transmitter);
  world.advance(seconds(20));
  EXPECT_EQ(world.messages_open(), 2U);
  EXPECT_EQ(transmitter.in.pdus.size(), 0U);
  Peer& receiver = world.bound("esme", 1, Command::bind_receiver);
  expect_receipt(receiver, world.backend.held[0]);
  expect_receipt(receiver, world.backend.held[1]);
}

// Aim: a receipt that nobody takes ends as expired. Method: no bind for longer than the expiry.
TEST(Deliver, Expiry) {
  WorldOptions options = one_account(2);
  options.receipt_expiry_s = 60;
  World world(options);
  Peer& peer = world.bound("esme", 1);
  world.write(peer, submit_pdu(1));
  world.drop(peer);
  world.report(world.backend.held[0]);
  world.advance(seconds(58));
  EXPECT_EQ(world.messages_open(), 1U);
  world.advance(seconds(5));
  EXPECT_EQ(world.messages_open(), 0U);
  ASSERT_EQ(world.backend.ended.size(), 1U);
  EXPECT_EQ(world.backend.ended[0].how, DeliverResult::expired);
}

// Aim: a client that puts a receipt off for ever does not keep it for ever. Method: RX_T_APPN to
// every attempt, past the expiry.
TEST(Deliver, ExpiryOfWhatIsAlwaysPutOff) {
  WorldOptions options = one_account();
  options.receipt_expiry_s = 60;
  World world(options);
  world.backend.report = true;
  Peer& peer = world.bound("esme");
  world.write(peer, submit_pdu(1));
  for (int i = 0; i < 200; ++i) {
    while (const auto one = peer.next()) {
      if (one->command() == Command::deliver_sm)
        world.answer_deliver(peer, *one, Status::ESME_RX_T_APPN);
    }
    world.write(peer, pdu(Command::enquire_link, 60));
    world.advance(seconds(1));
  }
  EXPECT_EQ(world.messages_open(), 0U);
  ASSERT_EQ(world.backend.ended.size(), 1U);
  EXPECT_EQ(world.backend.ended[0].how, DeliverResult::expired);
}

// Aim: more receipts than a bind's window wait and follow as it answers. Method: window 2, ten
// receipts, short way and outbox together.
TEST(Deliver, Window) {
  WorldOptions options = one_account();
  options.accounts[0].deliver_window = 2;
  World world(options);
  world.backend.report = true;
  Peer& peer = world.bound("esme");
  std::string burst;
  for (std::uint32_t i = 1; i <= 10; ++i) burst += submit_pdu(i);
  world.write(peer, burst);
  unsigned receipts = 0;
  unsigned open = 0;
  for (int i = 0; i < 100 && receipts < 10; ++i) {
    std::vector<Pdu> delivers;
    while (const auto one = peer.next())
      if (one->command() == Command::deliver_sm) delivers.push_back(*one);
    open = static_cast<unsigned>(delivers.size());
    EXPECT_LE(open, 2U);
    for (const Pdu& one : delivers) {
      EXPECT_EQ(one.receipted_id(), id_of(world.backend.held[receipts]));
      ++receipts;
      world.answer_deliver(peer, one);
    }
    world.advance(milliseconds(3));
  }
  EXPECT_EQ(receipts, 10U);
  EXPECT_EQ(world.messages_open(), 0U);
}

// Aim: owner, home and bearer on three different shards. Method: account 1 of two has its home on
// shard 1 of three; submitted on shard 0, received on shard 2; all ends of an attempt.
TEST(Deliver, ThreeShards) {
  WorldOptions options = one_account(3);
  options.accounts.push_back(account("second"));
  World world(options);
  world.backend.report = true;
  Peer& transmitter = world.bound("second", 0, Command::bind_transmitter);
  Peer& receiver = world.bound("second", 2, Command::bind_receiver);
  world.write(transmitter, submit_pdu(1));
  Pdu receipt;
  expect_receipt(receiver, world.backend.held[0], &receipt);
  world.answer_deliver(receiver, receipt, Status::ESME_RX_T_APPN);
  world.advance(seconds(2));
  expect_receipt(receiver, world.backend.held[0], &receipt);
  world.drop(receiver);
  Peer& other = world.bound("second", 1, Command::bind_receiver);
  expect_receipt(other, world.backend.held[0], &receipt);
  world.answer_deliver(other, receipt);
  EXPECT_EQ(world.messages_open(), 0U);
  EXPECT_EQ(world.counters(0).messages_open.get(), 0U);
  ASSERT_EQ(world.backend.ended.size(), 1U);
  EXPECT_EQ(world.backend.ended[0].how, DeliverResult::delivered);
}

// Aim: mail that crosses with the end of its bind harms nothing. Method: the deliver mail is held
// back while the bearer's connection is dropped and its slot has a new tenant of another account.
TEST(Deliver, MailForABindThatIsGone) {
  WorldOptions options = one_account(2);
  options.accounts.push_back(account("second"));
  World world(options);
  world.backend.report = true;
  Peer& transmitter = world.bound("esme", 0, Command::bind_transmitter);
  Peer& receiver = world.bound("esme", 1, Command::bind_receiver);
  world.hold_mail = true;
  world.write(transmitter, submit_pdu(1));
  world.drop(receiver);
  Peer& stranger = world.bound("second", 1, Command::bind_receiver);
  ASSERT_EQ(stranger.link.slot(), receiver.link.slot());
  world.hold_mail = false;
  world.settle();
  EXPECT_TRUE(stranger.in.pdus.empty());
  EXPECT_EQ(world.messages_open(), 1U);
  Peer& next = world.bound("esme", 1, Command::bind_receiver);
  expect_receipt(next, world.backend.held[0]);
}

// Aim: an unbinding bind on another shard is left alone, without the shards throwing the receipt to
// and fro until it is gone. Method: shutdown of the bearer; settle() fails if they never rest.
TEST(Deliver, UnbindingBindOnAnotherShard) {
  World world(one_account(2));
  Peer& transmitter = world.bound("esme", 0, Command::bind_transmitter);
  Peer& receiver = world.bound("esme", 1, Command::bind_receiver);
  world.write(transmitter, submit_pdu(1));
  world.turn(1, [](Shard& at) { at.start_shutdown(); });
  world.settle();
  EXPECT_EQ(receiver.next()->command(), Command::unbind);
  world.report(world.backend.held[0]);
  EXPECT_TRUE(receiver.in.pdus.empty());
  EXPECT_EQ(world.messages_open(), 1U);
}

// Aim: each account's receipts go to its own binds. Method: two accounts, one without a receiver.
TEST(Deliver, AccountsAreApart) {
  WorldOptions options = one_account(2);
  options.accounts.push_back(account("second"));
  World world(options);
  world.backend.report = true;
  Peer& transmitter = world.bound("esme", 0, Command::bind_transmitter);
  Peer& stranger = world.bound("second", 0);
  world.write(transmitter, submit_pdu(1));
  world.advance(seconds(5));
  EXPECT_TRUE(stranger.in.pdus.empty());
  EXPECT_EQ(world.messages_open(), 1U);
}

// Aim: round robin spreads receipts over all binds, also the submitter's own. Method: count.
TEST(Deliver, RoundRobin) {
  WorldOptions options = one_account(2);
  options.accounts[0].receipts = ReceiptRouting::round_robin;
  World world(options);
  world.backend.report = true;
  Peer* const peers[] = {&world.bound("esme", 0), &world.bound("esme", 0), &world.bound("esme", 1)};
  std::string burst;
  for (std::uint32_t i = 1; i <= 30; ++i) burst += submit_pdu(i);
  world.write(*peers[0], burst);
  for (Peer* peer : peers) {
    unsigned receipts = 0;
    while (const auto one = peer->next())
      if (one->command() == Command::deliver_sm) ++receipts;
    EXPECT_EQ(receipts, 10U);
  }
}

/// A submit whose receipt goes to another application of the same client.
std::string submit_from(std::uint32_t sequence_number, char last_digit) {
  std::string out = submit_pdu(sequence_number);
  out[out.find("447700900001") + 11] = last_digit;
  return out;
}

// Aim: with same_bind, a bind that does not answer holds up none of its sibling's receipts, however
// many wait for it. Method: 300 for the silent one, then some for the other.
TEST(Deliver, ASilentBindHoldsUpNoSibling) {
  for (const unsigned shards : {1U, 2U}) {
    WorldOptions options = one_account(shards);
    options.accounts[0].receipts = ReceiptRouting::same_bind;
    options.accounts[0].deliver_window = 2;
    World world(options);
    world.backend.report = true;
    Peer& silent = world.bound("esme", 0);
    Peer& sibling = world.bound("esme", shards - 1);
    for (std::uint32_t i = 0; i < 300; ++i) world.write(silent, submit_pdu(10 + i));
    unsigned receipts = 0;
    for (std::uint32_t i = 0; i < 10; ++i) {
      world.write(sibling, submit_pdu(10 + i));
      world.advance(milliseconds(10));
      while (const auto one = sibling.next()) {
        if (one->command() != Command::deliver_sm) continue;
        EXPECT_EQ(one->receipted_id(), id_of(world.backend.held[300 + receipts]));
        ++receipts;
        world.answer_deliver(sibling, *one);
      }
    }
    EXPECT_EQ(receipts, 10U) << shards << " shards";
  }
}

// Aim: what waits without a bind asks for no turns. Method: the deadline of a shard with a waiting
// receipt; another account's connection would set its own.
TEST(Deliver, WaitingAsksForNoTurns) {
  World world(one_account());
  Peer& peer = world.bound("esme");
  world.write(peer, submit_pdu(1));
  world.drop(peer);
  world.report(world.backend.held[0]);
  world.settle();
  EXPECT_EQ(world.messages_open(), 1U);
  EXPECT_GT(world.shard().deadline(), world.now.mono + seconds(5));
}

// Aim: RX_P_APPN to a receipt that took the short way suspends its destination, for what takes the
// short way too, on any shard; when its time is over, receipts come again and take the short way.
// Method: one transceiver on the home shard, and on another.
TEST(Deliver, SuspensionClosesTheShortWay) {
  for (const unsigned shards : {1U, 2U}) {
    WorldOptions options = one_account(shards);
    options.limits.inactivity = 0;
    World world(options);
    world.backend.report = true;
    Peer& peer = world.bound("esme", shards - 1);
    const auto next_receipt = [&]() -> std::optional<Pdu> {
      while (auto one = peer.next())
        if (one->command() == Command::deliver_sm) return one;
      return std::nullopt;
    };
    world.write(peer, submit_pdu(2));
    auto receipt = next_receipt();
    ASSERT_TRUE(receipt.has_value());
    world.answer_deliver(peer, *receipt, Status::ESME_RX_P_APPN);
    world.write(peer, submit_pdu(3));
    EXPECT_FALSE(next_receipt().has_value()) << shards << " shards";
    world.write(peer, submit_from(4, '7'));
    receipt = next_receipt();
    ASSERT_TRUE(receipt.has_value()) << "others go on";
    EXPECT_EQ(receipt->receipted_id(), id_of(world.backend.held[2]));
    world.answer_deliver(peer, *receipt);
    int tens_of_seconds = 0;
    for (receipt.reset(); !receipt && tens_of_seconds < 31; ++tens_of_seconds) {
      world.advance(seconds(10));
      world.write(peer, pdu(Command::enquire_link, 50));
      receipt = next_receipt();
    }
    EXPECT_GE(tens_of_seconds, 30);
    ASSERT_TRUE(receipt.has_value());
    world.answer_deliver(peer, *receipt);
    world.posted.clear();
    world.write(peer, submit_pdu(5));
    EXPECT_TRUE(next_receipt().has_value());
    EXPECT_EQ(world.posted[MailKind::receipt], 0U) << "the short way is open again";
  }
}

// Aim: what waits already when its destination is suspended is not sent either. Method: a window of
// one, three receipts.
TEST(Deliver, SuspensionHoldsWhatWaits) {
  WorldOptions options = one_account();
  options.accounts[0].deliver_window = 1;
  World world(options);
  world.backend.report = true;
  Peer& submitter = world.bound("esme", 0, Command::bind_transmitter);
  Peer& receiver = world.bound("esme", 0, Command::bind_receiver);
  world.write(submitter, submit_pdu(1) + submit_pdu(2) + submit_from(3, '7'));
  Pdu receipt;
  expect_receipt(receiver, world.backend.held[0], &receipt);
  world.answer_deliver(receiver, receipt, Status::ESME_RX_P_APPN);
  expect_receipt(receiver, world.backend.held[2], &receipt);
  world.answer_deliver(receiver, receipt);
  EXPECT_FALSE(receiver.next().has_value());
  EXPECT_EQ(world.messages_open(), 1U);
}

// Aim: an attempt that did not come from home frees no place of what did. Method: a window of two,
// filled by one receipt of the short way and one of home; the former is put off, and home hands out
// exactly one more.
TEST(Deliver, TheShortWayFreesNoPlaceOfHome) {
  WorldOptions options = one_account(2);
  options.accounts[0].deliver_window = 2;
  World world(options);
  world.backend.report = true;
  Peer& transmitter = world.bound("esme", 0, Command::bind_transmitter);
  Peer& peer = world.bound("esme", 1);
  world.write(peer, submit_pdu(2));
  peer.next();
  Pdu receipt;
  expect_receipt(peer, world.backend.held[0], &receipt);
  world.write(transmitter, submit_pdu(2));
  expect_receipt(peer, world.backend.held[1]);
  EXPECT_EQ(world.posted[MailKind::deliver], 1U);
  world.answer_deliver(peer, receipt, Status::ESME_RX_T_APPN);
  world.write(transmitter, submit_pdu(3) + submit_pdu(4));
  EXPECT_EQ(world.posted[MailKind::deliver], 2U);
  expect_receipt(peer, world.backend.held[2]);
  EXPECT_FALSE(peer.next().has_value());
}

// Aim: the receipts of a bind that ends come in their order to the next one, ahead of what waited
// behind them, whichever way they went: those without an answer, those whose send never ended,
// those behind a response that never left. Method: one bind's window is full and more wait, or
// nothing of it is read; then it is reset; on its own shard and on another than the account's home,
// with and without a journal.
TEST(Deliver, AnEndedBindGivesBackInOrder) {
  for (const bool reads : {true, false}) {
    for (const bool journal : {false, true}) {
      for (const unsigned shard : {0U, 1U}) {
        WorldOptions options = one_account(2, journal);
        options.accounts[0].deliver_window = 5;
        World world(options);
        Peer& first = world.bound("esme", shard);
        if (!reads) first.reads = false;
        for (std::uint32_t i = 1; i <= 12; ++i) world.write(first, submit_pdu(i));
        ASSERT_EQ(world.backend.held.size(), 12U);
        // One moment, as after a pause of the backend.
        world.turn(shard, [&](Shard& at) {
          for (const FakeBackend::Held& held : world.backend.held)
            at.report(held.ticket, {MessageState::delivered, 0});
        });
        world.settle();
        world.drop(first);
        Peer& second = world.bound("esme", 1 - shard);
        std::vector<std::string> wanted, got;
        for (const FakeBackend::Held& held : world.backend.held) wanted.push_back(id_of(held));
        while (const auto receipt = second.next()) {
          got.push_back(receipt->receipted_id());
          world.answer_deliver(second, *receipt);
        }
        EXPECT_EQ(got, wanted) << reads << journal << shard;
      }
    }
  }
}

}  // namespace
}  // namespace ringgate::test
