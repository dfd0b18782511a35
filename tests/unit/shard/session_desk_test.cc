// Aim: a program sees every session as it is, and ends those that it means and no others, losing
// nothing that was promised to them. Method: whole shards with clients in each state.
#include <gtest/gtest.h>

#include "shard_world.h"

namespace ringgate::test {
namespace {

using smpp::Command;

WorldOptions two_accounts() {
  WorldOptions out;
  out.accounts = {account("a"), account("b")};
  out.accounts[0].submit_window = 7;
  out.accounts[0].deliver_window = 3;
  out.connections_max = 8'192;
  return out;
}

std::vector<SessionInfo> list(World& world, const SessionFilter& filter = {}) {
  std::vector<SessionInfo> out;
  std::uint32_t from = 0;
  do world.turn(0, [&](Shard& shard) { from = shard.sessions().list(filter, from, out); });
  while (from != 0);
  return out;
}

std::uint64_t end(World& world, const SessionFilter& filter, const SessionEnd& how = {}) {
  std::uint64_t ended = 0;
  world.turn(0, [&](Shard& shard) { ended = shard.sessions().end(filter, how); });
  world.settle();
  return ended;
}

SessionFilter of_account(std::string account) { return {{}, std::move(account), {}}; }
SessionFilter of_address(std::string address) { return {{}, {}, std::move(address)}; }

bool gets(Peer& peer, Command command) {
  const auto pdu = peer.next();
  return pdu && pdu->command() == command;
}

TEST(SessionDesk, ShowsASession) {
  World world(two_accounts());
  Peer& peer = world.connect(0, "192.0.2.7:40000");
  world.advance(seconds(5));
  EXPECT_EQ(world.bind(peer, Command::bind_transceiver, "a"), Status::ESME_ROK);
  world.write(peer, submit_pdu(2));
  world.backend.answer.reset();
  world.write(peer, submit_pdu(3));
  world.report(world.backend.held[0]);
  peer.next();
  ASSERT_TRUE(gets(peer, Command::deliver_sm)) << "which it does not answer";
  world.advance(seconds(2));

  const auto all = list(world);
  ASSERT_EQ(all.size(), 1U);
  const SessionInfo& one = all[0];
  EXPECT_NE(one.session, SessionId{});
  EXPECT_EQ(one.session, world.backend.held[0].session);
  EXPECT_EQ(one.state, SessionState::bound);
  EXPECT_EQ(one.peer, "192.0.2.7:40000");
  EXPECT_EQ(one.listener, 0U);
  EXPECT_EQ(one.account, "a");
  EXPECT_EQ(one.mode, BindMode::transceiver);
  EXPECT_EQ(one.version, 0x34);
  EXPECT_EQ(one.bound_s - one.connected_s, 5);
  EXPECT_EQ(one.silent_ms, 2'000U);
  EXPECT_EQ(one.submits_open, 1U);
  EXPECT_EQ(one.submit_window, 7U);
  EXPECT_EQ(one.delivers_open, 1U);
  EXPECT_EQ(one.deliver_window, 3U);
  EXPECT_EQ(one.pdus_in, 3U);
  EXPECT_GT(one.octets_in, 3U * 16);
  EXPECT_GT(one.octets_out, 3U * 16);
  EXPECT_EQ(one.octets_waiting, 0U);
}

TEST(SessionDesk, ShowsTheStateOfEach) {
  World world(two_accounts());
  world.connect();
  world.bound("a");
  Peer& leaving = world.bound("b");
  EXPECT_EQ(end(world, of_account("b")), 1U);
  EXPECT_TRUE(gets(leaving, Command::unbind));
  std::string states;
  for (const SessionInfo& one : list(world))
    states += one.account + "/" + std::string(session_state_name(one.state)) + " ";
  EXPECT_EQ(states, "/open a/bound b/unbinding ");
}

TEST(SessionDesk, FiltersNarrowEachOther) {
  World world(two_accounts());
  const auto bind = [&](const char* from, const char* account) {
    EXPECT_EQ(world.bind(world.connect(0, from), Command::bind_transmitter, account),
              Status::ESME_ROK);
  };
  bind("192.0.2.7:1", "a");
  bind("192.0.2.7:2", "b");
  bind("192.0.2.8:1", "a");
  bind("[2001:db8::7]:1", "a");
  bind("[2001:db8::8]:1", "a");
  EXPECT_EQ(list(world).size(), 5U);
  EXPECT_EQ(list(world, of_account("a")).size(), 4U);
  EXPECT_EQ(list(world, of_address("192.0.2.7")).size(), 2U);
  EXPECT_EQ(list(world, of_address("2001:db8::7")).size(), 1U) << "not its whole network";
  EXPECT_EQ(list(world, {{}, "a", "192.0.2.7"}).size(), 1U);
  EXPECT_EQ(list(world, of_account("nobody")).size(), 0U);
  const SessionId third = list(world)[2].session;
  ASSERT_EQ(list(world, {third, {}, {}}).size(), 1U);
  EXPECT_EQ(list(world, {third, {}, {}})[0].peer, "192.0.2.8:1");
  EXPECT_EQ(list(world, {third, "b", {}}).size(), 0U);
}

// Aim: no list holds up a turn. Method: more connections than one call looks at.
TEST(SessionDesk, ManyAreListedInParts) {
  World world(two_accounts());
  constexpr std::uint32_t count = SessionDesk::listed_per_call * 2 + 1;
  for (std::uint32_t i = 0; i < count; ++i) world.connect();
  std::vector<SessionInfo> found;
  const std::uint32_t next = world.shard().sessions().list({}, 0, found);
  EXPECT_EQ(next, SessionDesk::listed_per_call);
  EXPECT_EQ(found.size(), SessionDesk::listed_per_call);
  EXPECT_EQ(list(world).size(), count);
}

// Aim: what a client has asked for is answered before it is unbound, since most close when they
// are; what it asks for meanwhile is refused, and what is for it waits for another bind.
TEST(SessionDesk, AnUnbindLosesNothing) {
  World world(two_accounts());
  Peer& peer = world.bound("a");
  Peer& other = world.bound("b");
  world.backend.answer.reset();
  world.write(peer, submit_pdu(2));
  EXPECT_EQ(end(world, of_account("a")), 1U);
  EXPECT_FALSE(peer.next()) << "a submit has no answer yet";
  EXPECT_EQ(list(world, of_account("a"))[0].state, SessionState::unbinding);
  world.write(peer, submit_pdu(3));
  EXPECT_EQ(peer.next()->status(), Status::ESME_RSUBMITFAIL);
  world.report(world.backend.held[0]);
  world.answer(world.backend.held[0]);
  EXPECT_TRUE(gets(peer, Command::submit_sm_resp));
  const auto goodbye = peer.next();
  ASSERT_TRUE(goodbye && goodbye->command() == Command::unbind) << "its receipt waits";
  world.write(peer, pdu(Command::unbind_resp, goodbye->sequence_number()));
  world.settle();
  EXPECT_TRUE(peer.close_asked);
  ASSERT_EQ(world.log.of("closed system_id=a").size(), 1U);
  EXPECT_TRUE(world.log.of("closed system_id=a")[0].ends_with("cause=ended"));
  EXPECT_FALSE(other.close_asked);
  EXPECT_TRUE(gets(world.bound("a"), Command::deliver_sm));
}

TEST(SessionDesk, WhatIsUnderWayHasHalfOfTheGrace) {
  World world(two_accounts());
  world.backend.answer.reset();
  Peer& peer = world.bound("a");
  world.write(peer, submit_pdu(2));
  EXPECT_EQ(end(world, {}, {true, 20'000}), 1U);
  world.advance(seconds(9));
  EXPECT_FALSE(peer.next());
  world.advance(seconds(2));
  EXPECT_TRUE(gets(peer, Command::unbind));
  world.advance(seconds(8));
  EXPECT_FALSE(peer.close_asked);
  world.advance(seconds(2));
  EXPECT_TRUE(peer.close_asked);
}

TEST(SessionDesk, GraceIsAsLongAsSaid) {
  World world(two_accounts());
  Peer& peer = world.bound("a");
  EXPECT_EQ(end(world, {}, {true, 60'000}), 1U);
  EXPECT_TRUE(gets(peer, Command::unbind));
  world.advance(seconds(59));
  EXPECT_FALSE(peer.close_asked);
  world.advance(seconds(2));
  EXPECT_TRUE(peer.close_asked);
}

// Aim: a long grace binds nobody. Method: a client that never answers; another end with a shorter
// one, its account disabled, and the end of the server.
TEST(SessionDesk, TheShorterGraceHolds) {
  for (const char* what : {"another end", "its account is closed", "the end of all"}) {
    SCOPED_TRACE(what);
    World world(two_accounts());
    Peer& peer = world.bound("a");
    EXPECT_EQ(end(world, {}, {true, 3'600'000}), 1U);
    EXPECT_TRUE(gets(peer, Command::unbind));
    world.advance(seconds(10));
    EXPECT_FALSE(peer.close_asked);
    if (what[0] == 'a') {
      EXPECT_EQ(end(world, {}, {true, 1'000}), 1U);
    } else if (what[0] == 'i') {
      world.change_accounts({account("b")});
      world.adopt_all();
    } else {
      world.turn(0, [](Shard& shard) { shard.start_shutdown(); });
    }
    world.advance(seconds(10));
    EXPECT_TRUE(peer.close_asked);
    EXPECT_FALSE(gets(peer, Command::unbind)) << "it has had one";
  }
}

// Aim: a client that has unbound is not taken for one that never was bound.
TEST(SessionDesk, AClientThatLeavesIsUnbinding) {
  World world(two_accounts());
  Peer& peer = world.bound("a");
  world.write(peer, pdu(Command::unbind, 2));
  EXPECT_TRUE(gets(peer, Command::unbind_resp));
  for (const SessionInfo& one : list(world)) EXPECT_EQ(one.state, SessionState::unbinding);
}

// Aim: who does not read is closed at once all the same.
TEST(SessionDesk, AtOnceAlsoWhoDoesNotRead) {
  World world(two_accounts());
  Peer& peer = world.bound("a");
  peer.reads = false;
  world.write(peer, submit_pdu(2));
  EXPECT_FALSE(peer.unsent.empty());
  EXPECT_EQ(end(world, {}, {false, 0}), 1U);
  EXPECT_TRUE(peer.close_asked);
}

// Aim: closed at once is closed at once, also where the client has been asked nicely before; what
// was on its way to it goes to the next bind.
TEST(SessionDesk, AtOnce) {
  World world(two_accounts());
  Peer& peer = world.bound("a");
  world.write(peer, submit_pdu(2));
  peer.next();
  world.report(world.backend.held[0]);
  ASSERT_TRUE(gets(peer, Command::deliver_sm));
  EXPECT_EQ(end(world, {}), 1U);
  EXPECT_FALSE(peer.close_asked) << "its deliver_sm has no answer";
  EXPECT_EQ(end(world, {}, {false, 0}), 1U);
  EXPECT_TRUE(peer.close_asked);
  EXPECT_EQ(list(world).size(), 0U);
  EXPECT_EQ(end(world, {}, {false, 0}), 0U);
  EXPECT_TRUE(gets(world.bound("a"), Command::deliver_sm));
}

TEST(SessionDesk, StrangersAreClosed) {
  World world(two_accounts());
  Peer& stranger = world.connect(0, "192.0.2.7:1");
  Peer& other = world.connect(0, "192.0.2.8:1");
  EXPECT_EQ(end(world, of_address("192.0.2.7")), 1U);
  EXPECT_TRUE(stranger.close_asked);
  EXPECT_FALSE(stranger.next()) << "not bound: nothing to unbind";
  EXPECT_FALSE(other.close_asked);
}

// Aim: one whose bind is not decided yet is ended, and the answer about its password then means
// nothing.
TEST(SessionDesk, WhileAPasswordIsChecked) {
  WorldOptions options = two_accounts();
  options.accounts[1].password.clear();
  options.accounts[1].password_hash = "$5$x$hash";
  World world(std::move(options));
  Peer& peer = world.connect();
  world.write(peer, bind_pdu(Command::bind_transceiver, "b", "secret"));
  ASSERT_EQ(world.questions.size(), 1U);
  EXPECT_EQ(list(world)[0].state, SessionState::open);
  EXPECT_EQ(end(world, {}), 1U);
  world.answer(world.questions[0], io::PasswordVerdict::right);
  EXPECT_TRUE(peer.close_asked);
  EXPECT_EQ(world.counters().binds_open.get(), 0U);
  EXPECT_TRUE(world.shard().empty());
}

TEST(SessionDesk, OneByItsName) {
  World world(two_accounts());
  Peer& first = world.bound("a");
  Peer& second = world.bound("a");
  const SessionId session = list(world)[1].session;
  EXPECT_EQ(end(world, {session, "b", {}}), 0U) << "not that account's";
  EXPECT_EQ(end(world, {session, {}, {}}), 1U);
  EXPECT_TRUE(gets(second, Command::unbind));
  EXPECT_FALSE(first.next());
  EXPECT_EQ(end(world, {{session.value + 100}, {}, {}}), 0U);
  EXPECT_EQ(end(world, {{session.value | std::uint64_t{1} << 56}, {}, {}}), 0U)
      << "a session of another shard";
}

}  // namespace
}  // namespace ringgate::test
