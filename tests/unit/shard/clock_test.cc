// The wall clock may be set while we run, or while we do not: it writes dates and measures nothing.
#include <gtest/gtest.h>

#include "shard_world.h"
#include "smpp/operations.h"

namespace ringgate::test {
namespace {

using smpp::Command;

constexpr std::int64_t day_s = 86'400;
constexpr std::int64_t jumps_s[] = {0, 3 * day_s, -3 * day_s};
constexpr std::int64_t start_s = 1'700'000'000;
constexpr std::uint64_t old_id = 77;

WorldOptions with_expiry(bool journal = false) {
  WorldOptions out = one_account(1, journal);
  out.receipt_expiry_s = 3'600;
  out.limits.inactivity = 0;
  out.accounts[0].resubmit_window_s = 60;
  out.numbers.resize(1);
  out.numbers[0].prefix = "55";
  out.numbers[0].account = "esme";
  return out;
}

/// What an earlier run has left: a receipt whose outcome came at `done_s`, put off until `next_s`.
WorldOptions with_old_receipt(std::int64_t done_s, std::int64_t next_s = 0) {
  WorldOptions out = with_expiry(true);
  out.restored_messages = 1;
  std::vector<std::uint8_t>& records = out.restored_records;
  const auto append = [&records](std::size_t size) {
    records.resize(records.size() + size);
    return records.data() + records.size() - size;
  };
  journal::Accepted message;
  message.id = MessageId{old_id};
  message.submitted_s = done_s;
  message.set_receipt(ReceiptWish::always);
  message.trimmed = true;
  message.source.text = "447700900001";
  message.destination.text = "447700900002";
  const std::size_t size = journal::accepted_size(message);
  journal::write_accepted(append(size), size, message);
  const journal::OutcomeBody outcome{static_cast<std::uint32_t>(done_s), 0, 0};
  journal::write_fixed(append(journal::record_size(sizeof outcome)), journal::RecordType::outcome,
                       static_cast<std::uint8_t>(MessageState::delivered), 0, message.id, outcome);
  if (next_s == 0) return out;
  const journal::RetryBody retry{static_cast<std::uint32_t>(next_s), 3};
  journal::write_fixed(append(journal::record_size(sizeof retry)), journal::RecordType::retry, 0, 0,
                       message.id, retry);
  return out;
}

// Aim: waiting receipts and MOs expire after their time, neither at once nor never, when the clock
// is set. Method: three days ahead and back, without a bind.
TEST(Clock, WaitingReceiptsAndMos) {
  for (const std::int64_t jump_s : jumps_s) {
    World world(with_expiry());
    Peer& peer = world.bound("esme");
    world.write(peer, submit_pdu(1));
    world.drop(peer);
    world.report(world.backend.held[0]);
    world.turn(0, [](Shard& at) {
      Deliver mo;
      mo.source.text = "447700900009";
      mo.destination.text = "551";
      MessageId id;
      EXPECT_EQ(at.deliver(mo, id), Routed::ok);
    });
    world.set_clock(jump_s);
    world.advance(seconds(3'598));
    EXPECT_EQ(world.messages_open(), 2U) << jump_s;
    world.advance(seconds(4));
    EXPECT_EQ(world.messages_open(), 0U) << jump_s;
    EXPECT_EQ(world.counters().delivers_expired.get(), 2U);
  }
}

// Aim: a receipt that is always put off ends after its time as well. Method: as above, RX_T_APPN.
TEST(Clock, ReceiptsThatArePutOff) {
  for (const std::int64_t jump_s : jumps_s) {
    WorldOptions options = with_expiry();
    options.receipt_expiry_s = 60;
    World world(options);
    world.backend.report = true;
    Peer& peer = world.bound("esme");
    world.write(peer, submit_pdu(1));
    world.set_clock(jump_s);
    unsigned attempts = 0;
    for (int i = 0; i < 140 && world.messages_open() != 0; ++i) {
      while (const auto one = peer.next()) {
        if (one->command() != Command::deliver_sm) continue;
        ++attempts;
        world.answer_deliver(peer, *one, Status::ESME_RX_T_APPN);
      }
      world.write(peer, pdu(Command::enquire_link, 60));
      world.advance(seconds(1));
    }
    EXPECT_EQ(world.messages_open(), 0U) << jump_s;
    EXPECT_GE(attempts, 6U) << jump_s;
  }
}

// Aim: after a restart a receipt has what the clock says is left, but ten minutes at the least, and
// never more than its whole time. Method: an outcome that came a while ago, days ago, and days from
// now.
TEST(Clock, WaitingReceiptsOverARestart) {
  struct Case {
    std::int64_t ago_s;
    std::int64_t rest_s;
  };
  for (const Case& one :
       {Case{1'000, 2'600}, Case{3'500, 600}, Case{3 * day_s, 600}, Case{-3 * day_s, 3'600}}) {
    World world(with_old_receipt(start_s - one.ago_s));
    world.advance(seconds(one.rest_s - 2));
    EXPECT_EQ(world.messages_open(), 1U) << one.ago_s;
    world.advance(seconds(4));
    EXPECT_EQ(world.messages_open(), 0U) << one.ago_s;
  }
  WorldOptions short_ones = with_old_receipt(start_s - 3 * day_s);
  short_ones.receipt_expiry_s = 30;
  World world(short_ones);
  world.advance(seconds(28));
  EXPECT_EQ(world.messages_open(), 1U);
  world.advance(seconds(4));
  EXPECT_EQ(world.messages_open(), 0U);
}

// Aim: a receipt that was put off before a restart comes after the longest retry delay at the
// latest. Method: put off for a minute, for days, and until days ago.
TEST(Clock, RetriesOverARestart) {
  struct Case {
    std::int64_t next_s;
    std::int64_t wait_s;
  };
  for (const Case& one :
       {Case{60, 60}, Case{3 * day_s, retry_delay_max / seconds(1)}, Case{-3 * day_s, 0}}) {
    World world(with_old_receipt(start_s, start_s + one.next_s));
    Peer& peer = world.bound("esme", 0, Command::bind_receiver);
    while (world.now.mono < seconds(1'000 + one.wait_s - 1)) {
      EXPECT_TRUE(peer.in.pdus.empty()) << one.next_s;
      world.advance(seconds(1));
      world.write(peer, pdu(Command::enquire_link, 60));
      peer.next();
    }
    world.advance(seconds(2));
    const auto receipt = peer.next();
    ASSERT_TRUE(receipt.has_value()) << one.next_s;
    EXPECT_EQ(receipt->command(), Command::deliver_sm);
  }
}

// Aim: a suspended destination is left alone for its time. Method: the clock set meanwhile.
TEST(Clock, Suspensions) {
  for (const std::int64_t jump_s : jumps_s) {
    World world(with_expiry());
    world.backend.report = true;
    Peer& submitter = world.bound("esme", 0, Command::bind_transmitter);
    Peer& receiver = world.bound("esme", 0, Command::bind_receiver);
    world.write(submitter, submit_pdu(1));
    world.answer_deliver(receiver, *receiver.next(), Status::ESME_RX_P_APPN);
    world.set_clock(jump_s);
    world.write(submitter, submit_pdu(2));
    for (int i = 0; i < 29; ++i) {
      world.advance(seconds(10));
      world.write(receiver, pdu(Command::enquire_link, 60));
      ASSERT_EQ(receiver.next()->command(), Command::enquire_link_resp) << jump_s;
    }
    world.advance(seconds(11));
    ASSERT_TRUE(receiver.next().has_value()) << jump_s;
  }
}

// Aim: what a message ended with is known for its time, and its date stays. Method: query_sm before
// and after a day.
TEST(Clock, EndsAreKnown) {
  for (const std::int64_t jump_s : jumps_s) {
    World world(with_expiry(true));
    Peer* peer = &world.bound("esme");
    world.write(*peer, submit_pdu(1, 0));
    const std::string id = peer->next()->message_id();
    world.report(world.backend.held[0]);
    world.set_clock(jump_s);
    smpp::QuerySm query;
    query.message_id = id;
    query.source_addr = "447700900001";
    world.write(*peer, encoded(Command::query_sm, 2, query));
    EXPECT_EQ(peer->next()->body.substr(0, 33), id + std::string("\0", 1) + "231114221320000+")
        << jump_s;
    EXPECT_TRUE(world.backend.operations.empty());
    world.drop(*peer);
    world.advance(seconds(day_s + 1));
    peer = &world.bound("esme");
    world.write(*peer, encoded(Command::query_sm, 2, query));
    EXPECT_EQ(world.backend.operations.size(), 1U) << jump_s << ": its time was over";
  }
}

// Aim: a repeated submit gets the first one's id for its time. Method: the clock set meanwhile.
TEST(Clock, Resubmits) {
  for (const std::int64_t jump_s : jumps_s) {
    World world(with_expiry(true));
    Peer& peer = world.bound("esme");
    std::string submit = submit_pdu(1, 0);
    submit.append("\x02\x04\x00\x02\x00\x05", 6);
    submit[3] = static_cast<char>(submit.size());
    world.write(peer, submit);
    const std::string id = peer.next()->message_id();
    world.set_clock(jump_s);
    world.write(peer, submit);
    EXPECT_EQ(peer.next()->message_id(), id) << jump_s;
    for (int i = 0; i < 4; ++i) {
      world.advance(seconds(20));
      world.write(peer, pdu(Command::enquire_link, 60));
      peer.next();
    }
    world.write(peer, submit);
    EXPECT_NE(peer.next()->message_id(), id) << jump_s;
  }
}

}  // namespace
}  // namespace ringgate::test
