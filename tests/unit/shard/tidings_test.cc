// What a program hears of what it has given: deliveries with their answers, what has become safe,
// and messages that are for one session.
#include "shard/tidings.h"

#include <gtest/gtest.h>

#include "shard_world.h"

namespace ringgate::test {
namespace {

using smpp::Command;

WorldOptions quiet_and_numbered(unsigned shards = 1) {
  WorldOptions options = one_account(shards);
  NumberOptions ours;
  ours.prefix = "4477";
  ours.account = "esme";
  options.numbers = {ours};
  options.limits.enquire_link = 0;
  options.limits.inactivity = 0;
  return options;
}

SessionId session_of(const Peer& peer) { return make_session_id(peer.shard, peer.link); }

Deliver hello(SessionId session = {}, std::uint64_t token = 0) {
  Deliver out;
  out.source = {1, 1, "491701234567"};
  out.destination = {1, 1, "447712345"};
  out.text = as_octets("hello");
  out.session = session;
  out.token = token;
  return out;
}

// Aim: what is for one session reaches that one, wherever it was handed over, and the end of it
// names session, token and command_status. Method: two transceivers of one account on two shards.
TEST(Tidings, AMessageForOneSession) {
  World world(quiet_and_numbered(2));
  Peer& here = world.bound("esme", 0);
  Peer& there = world.bound("esme", 1);
  std::uint64_t token = 0;
  for (Peer* const peer : {&here, &there}) {
    for (unsigned shard = 0; shard < 2; ++shard) {
      MessageId id;
      ASSERT_EQ(world.deliver(shard, hello(session_of(*peer), ++token), &id), Routed::ok);
      const auto pdu = peer->next();
      ASSERT_TRUE(pdu.has_value()) << token;
      world.answer_deliver(*peer, *pdu);
      ASSERT_EQ(world.backend.delivered.size(), token);
      const Delivered& told = world.backend.delivered.back();
      EXPECT_EQ(told.id, id);
      EXPECT_EQ(told.token, token);
      EXPECT_EQ(told.session, session_of(*peer));
      EXPECT_EQ(told.result, DeliverResult::delivered);
      EXPECT_EQ(told.status, Status::ESME_ROK);
    }
  }
  EXPECT_FALSE(here.next().has_value());
  EXPECT_FALSE(there.next().has_value());
  EXPECT_EQ(world.messages_open(), 0U);
}

TEST(Tidings, ARefusalTellsItsStatus) {
  World world(quiet_and_numbered());
  Peer& peer = world.bound("esme");
  ASSERT_EQ(world.deliver(0, hello({}, 7)), Routed::ok);
  world.answer_deliver(peer, *peer.next(), Status::ESME_RX_R_APPN);
  ASSERT_EQ(world.backend.delivered.size(), 1U);
  EXPECT_EQ(world.backend.delivered[0].token, 7U);
  EXPECT_EQ(world.backend.delivered[0].result, DeliverResult::refused);
  EXPECT_EQ(world.backend.delivered[0].status, Status::ESME_RX_R_APPN);
}

// Aim: what is for one session ends with it, and never goes to its sibling. Method: the client asks
// for time and goes; another bind of the account is there all the while.
TEST(Tidings, AMessageForOneSessionEndsWithIt) {
  World world(quiet_and_numbered(2));
  Peer& sibling = world.bound("esme", 0);
  Peer& peer = world.bound("esme", 1);
  for (const bool asks : {true, false}) {
    Peer& one = asks ? peer : world.bound("esme", 1);
    ASSERT_EQ(world.deliver(0, hello(session_of(one))), Routed::ok);
    ASSERT_TRUE(one.next().has_value());
    if (asks) {
      world.backend.delivered.clear();
      ASSERT_EQ(world.deliver(0, hello(session_of(one))), Routed::ok);
      world.answer_deliver(one, *one.next(), Status::ESME_RX_T_APPN);
      EXPECT_TRUE(world.backend.delivered.empty());
    }
    world.drop(one);
    world.advance(seconds(5));
    ASSERT_EQ(world.backend.delivered.size(), asks ? 2U : 1U);
    for (const Delivered& told : world.backend.delivered)
      EXPECT_EQ(told.result, DeliverResult::gone);
    world.backend.delivered.clear();
  }
  EXPECT_FALSE(sibling.next().has_value());
  EXPECT_EQ(world.messages_open(), 0U);
}

// Aim: what rests is not forgotten when its session ends, and what other sessions have refused does
// not hold it up. Method: a destination that is suspended, and one put off again and again.
TEST(Tidings, NothingRestsLongerThanItsSession) {
  World world(quiet_and_numbered());
  Peer& peer = world.bound("esme");
  ASSERT_EQ(world.deliver(0, hello()), Routed::ok);
  world.answer_deliver(peer, *peer.next(), Status::ESME_RX_P_APPN);
  world.backend.delivered.clear();
  ASSERT_EQ(world.deliver(0, hello(session_of(peer))), Routed::ok);
  for (int i = 0; i < 8; ++i) {
    const auto pdu = peer.next();
    ASSERT_TRUE(pdu.has_value()) << i;
    world.answer_deliver(peer, *pdu, Status::ESME_RX_T_APPN);
    world.advance(milliseconds(1'300));
  }
  world.drop(peer);
  world.advance(milliseconds(1'300));
  ASSERT_EQ(world.backend.delivered.size(), 1U);
  EXPECT_EQ(world.backend.delivered[0].result, DeliverResult::gone);
}

// Aim: what a stranger has written into a message cannot become another field of it.
TEST(Tidings, WhatWouldShiftAPduIsMalformed) {
  World world(quiet_and_numbered());
  Peer& peer = world.bound("esme");
  const std::string_view nul("1\0007", 3);
  Deliver one = hello();
  one.source.text = nul;
  EXPECT_EQ(world.deliver(0, one), Routed::malformed);
  one = hello();
  one.account = "esme";
  one.destination.text = nul;
  EXPECT_EQ(world.deliver(0, one), Routed::malformed);
  one = hello();
  one.service_type = nul;
  EXPECT_EQ(world.deliver(0, one), Routed::malformed);
  one = hello();
  for (const std::string_view tlvs :
       {std::string_view("A"), std::string_view("\x02\x04\0\2A", 5)}) {
    one.tlvs = as_octets(tlvs);
    EXPECT_EQ(world.deliver(0, one), Routed::malformed);
  }
  one.tlvs = as_octets(std::string_view("\x02\x04\0\1A", 5));
  EXPECT_EQ(world.deliver(0, one), Routed::ok);
  EXPECT_FALSE(peer.in.pdus.empty());
  world.turn(0, [&](Shard& at) {
    EXPECT_EQ(at.alert({{1, 1, nul}, {1, 1, "447712345"}, false, 0}), Routed::malformed);
  });
}

// Aim: sessions that are no more, take no messages, or cannot be, are told of.
TEST(Tidings, SessionsThatTakeNoMessage) {
  World world(quiet_and_numbered(2));
  Peer& transmitter = world.bound("esme", 1, Command::bind_transmitter);
  Peer& stranger = world.connect(1);
  const SessionId none[] = {session_of(transmitter),
                            session_of(stranger),
                            {std::uint64_t{1} << session_shard_shift | 12'345}};
  for (const SessionId session : none) {
    world.backend.delivered.clear();
    ASSERT_EQ(world.deliver(0, hello(session, 3)), Routed::ok);
    ASSERT_EQ(world.backend.delivered.size(), 1U);
    EXPECT_EQ(world.backend.delivered[0].result, DeliverResult::gone);
    EXPECT_EQ(world.backend.delivered[0].token, 3U);
  }
  EXPECT_EQ(world.deliver(0, hello({std::uint64_t{2} << session_shard_shift | 1})),
            Routed::no_session);
  EXPECT_EQ(world.directory().at(0).state->mo_open.load(), 0U);
}

TEST(Tidings, AMessageForOneSessionHasAPlaceOfItsAccount) {
  WorldOptions options = quiet_and_numbered();
  options.accounts[0].max_outbox = 1;
  World world(options);
  Peer& peer = world.bound("esme");
  ASSERT_EQ(world.deliver(0, hello(session_of(peer))), Routed::ok);
  ASSERT_EQ(world.deliver(0, hello(session_of(peer))), Routed::ok);
  ASSERT_EQ(world.backend.delivered.size(), 1U);
  EXPECT_EQ(world.backend.delivered[0].result, DeliverResult::no_room);
}

// Aim: what a program gives is told safe when it is, once, and only to who wants to hear it.
// Method: an outcome and an MO, while the disk does not answer and after it has.
TEST(Tidings, SafeIsWhatIsOnTheDisk) {
  for (const bool wished : {true, false}) {
    WorldOptions options = quiet_and_numbered();
    options.journal = true;
    World world(options, [&](FakeBackend& backend) { backend.wished.safe = wished; });
    Peer& peer = world.bound("esme");
    world.write(peer, submit_pdu(5));
    ASSERT_EQ(world.backend.held.size(), 1U);
    world.hold_disk = true;
    world.report(world.backend.held[0]);
    MessageId id;
    ASSERT_EQ(world.deliver(0, hello(), &id), Routed::ok);
    ASSERT_EQ(world.deliver(0, hello(session_of(peer))), Routed::ok);
    EXPECT_TRUE(world.backend.safe.empty());
    world.hold_disk = false;
    world.settle();
    if (wished)
      EXPECT_EQ(world.backend.safe, (std::vector{world.backend.held[0].id, id}));
    else
      EXPECT_TRUE(world.backend.safe.empty());
  }
}

TEST(Tidings, WithoutAJournalWhatIsTakenIsAllThereIs) {
  World world(quiet_and_numbered(), [](FakeBackend& backend) { backend.wished.safe = true; });
  Peer& peer = world.bound("esme");
  world.write(peer, submit_pdu(5));
  world.report(world.backend.held[0]);
  EXPECT_EQ(world.backend.safe, std::vector{world.backend.held[0].id});
}

// Aim: a program that wants whole messages need not ask which are long. Method: a short one, that
// is refused first.
TEST(Tidings, ShortMessagesAreWhole) {
  World world(quiet_and_numbered(),
              [](FakeBackend& backend) { backend.wished.short_messages = true; });
  Peer& peer = world.bound("esme");
  world.backend.answer = Status::ESME_RSUBMITFAIL;
  world.write(peer, submit_pdu(5));
  EXPECT_TRUE(world.backend.longs.empty());
  world.backend.answer = Status::ESME_ROK;
  world.write(peer, submit_pdu(6));
  ASSERT_EQ(world.backend.longs.size(), 1U);
  EXPECT_EQ(world.backend.longs[0].ids, std::vector{world.backend.held[1].id});
  EXPECT_TRUE(world.backend.longs[0].is_text);
  EXPECT_EQ(world.backend.longs[0].text, world.backend.held[1].text);
  EXPECT_EQ(world.counters().long_messages.get(), 0U);
}

// Aim: a result says what has become of what was said. Method: answers twice, late, and made up.
TEST(Tidings, ResultsOfReplies) {
  World world(quiet_and_numbered());
  Peer& peer = world.bound("esme");
  world.backend.answer.reset();
  world.write(peer, submit_pdu(5, 0));
  const Ticket ticket = world.backend.held.at(0).ticket;
  const Ticket elsewhere{ticket.name, ticket.slot, 1};
  world.turn(0, [&](Shard& at) {
    EXPECT_EQ(at.answer(elsewhere, Status::ESME_ROK), Posted::misuse);
    EXPECT_EQ(at.answer(ticket, Status::ESME_ROK), Posted::ok);
    EXPECT_EQ(at.answer(ticket, Status::ESME_ROK), Posted::gone);
    EXPECT_EQ(at.report(ticket, {}), Posted::gone);
    const Answer all[] = {{ticket, Status::ESME_ROK}, {elsewhere, Status::ESME_ROK}};
    std::size_t taken = 0;
    EXPECT_EQ(at.answer_all(all, taken), Posted::ok);
    EXPECT_EQ(taken, 2U);
  });
}

}  // namespace
}  // namespace ringgate::test
