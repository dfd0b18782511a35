// Aim: where there is a gate it decides who comes in, at once or later, and hears the last word of
// every session; whatever it says too late, twice, or of nobody, does nothing. Method: a gate that
// writes down what it hears, and answers when the test says so.
#include <gtest/gtest.h>

#include "shard_world.h"

namespace ringgate::test {
namespace {

using smpp::Command;

struct TestGate final : Gate {
  bool accepts(const ConnectRequest& request) noexcept override {
    connects.push_back(request.session);
    peers.emplace_back(request.peer);
    return accepting;
  }
  void on_binds(std::span<const BindRequest> requests, Now, Verdicts& verdicts) noexcept override {
    for (const BindRequest& one : requests) {
      binds.push_back({one.session, std::string(one.system_id), std::string(one.password),
                       std::string(one.system_type), std::string(one.address_range.text), one.mode,
                       one.version});
      if (at_once) posted = verdicts.decide({one.session, *at_once, account});
    }
  }
  void on_unbinds(std::span<const SessionId> sessions) noexcept override {
    unbinds.insert(unbinds.end(), sessions.begin(), sessions.end());
  }
  void on_closed(std::span<const Closed> sessions) noexcept override {
    for (const Closed& one : sessions) {
      closed.push_back(one);
      accounts.emplace_back(one.account);
    }
  }

  struct Bind {
    SessionId session;
    std::string system_id, password, system_type, range;
    BindMode mode;
    unsigned version;
  };
  bool accepting = true;
  std::optional<Status> at_once;
  std::string account = "a";
  Posted posted = Posted::gone;
  std::vector<SessionId> connects, unbinds;
  std::vector<std::string> peers, accounts;
  std::vector<Bind> binds;
  std::vector<Closed> closed;
};

class GateTest : public testing::Test {
 protected:
  explicit GateTest(unsigned shards = 1) {
    WorldOptions options;
    options.shards = shards;
    options.accounts = {test::account("a"), test::account("b")};
    options.accounts[1].max_binds = 1;
    options.ghost_probe = 0;
    options.gate = &gate_;
    options.connections_max = 8'192;
    world_.emplace(std::move(options));
  }

  /// One that has asked for a bind with a password that no account has.
  Peer& ask(unsigned shard = 0) {
    Peer& peer = world_->connect(shard, "192.0.2.1:5");
    world_->write(peer, bind_pdu(Command::bind_transceiver, "anybody", "whatever"));
    return peer;
  }
  Posted decide(SessionId session, Status status = Status::ESME_ROK, std::string_view account = "a",
                unsigned shard = 0) {
    Posted posted = Posted::full;
    world_->turn(shard, [&](Shard& at) { posted = at.decide({session, status, account}); });
    world_->settle();
    return posted;
  }
  static Status status_of(Peer& peer) {
    const auto answer = peer.next();
    return answer ? answer->status() : Status::ESME_RUNKNOWNERR;
  }

  TestGate gate_;
  std::optional<World> world_;
};

TEST_F(GateTest, TurnsConnectionsAway) {
  gate_.accepting = false;
  Peer& peer = world_->connect(0, "192.0.2.1:5");
  world_->settle();
  EXPECT_TRUE(peer.close_asked);
  EXPECT_EQ(gate_.peers, std::vector<std::string>{"192.0.2.1:5"});
  EXPECT_EQ(world_->counters().connections_turned_away.get(), 1U);
  EXPECT_TRUE(gate_.closed.empty()) << "nothing more is said of it";
  EXPECT_TRUE(world_->shard().empty());
}

TEST_F(GateTest, DecidesAtOnce) {
  gate_.at_once = Status::ESME_ROK;
  Peer& peer = ask();
  EXPECT_EQ(status_of(peer), Status::ESME_ROK);
  EXPECT_EQ(gate_.posted, Posted::ok);
  ASSERT_EQ(gate_.binds.size(), 1U);
  EXPECT_EQ(gate_.binds[0].session, gate_.connects[0]);
  EXPECT_EQ(gate_.binds[0].system_id, "anybody");
  EXPECT_EQ(gate_.binds[0].password, "whatever");
  EXPECT_EQ(gate_.binds[0].mode, BindMode::transceiver);
  EXPECT_EQ(gate_.binds[0].version, 0x34U);
  world_->write(peer, submit_pdu(2));
  ASSERT_EQ(world_->backend.held.size(), 1U);
  EXPECT_EQ(world_->backend.held[0].system_id, "a");
  EXPECT_EQ(world_->backend.held[0].session, gate_.connects[0]);

  gate_.at_once = Status::ESME_RINVPASWD;
  EXPECT_EQ(status_of(ask()), Status::ESME_RINVPASWD);
}

/// The names are the client's to choose, and a gate may refuse for ever: the log is not to be
/// filled.
TEST_F(GateTest, RefusalsDoNotFillTheLog) {
  gate_.at_once = Status::ESME_RINVPASWD;
  const auto refuse = [&](unsigned i) {
    Peer& peer = world_->connect(0, "192.0.2.1:5");
    world_->write(peer, bind_pdu(Command::bind_transceiver, "n" + std::to_string(i), "whatever"));
    EXPECT_EQ(status_of(peer), Status::ESME_RINVPASWD);
  };
  for (unsigned i = 0; i < 500; ++i) refuse(i);
  EXPECT_EQ(world_->log.of("bind refused").size(), 50U);
  EXPECT_EQ(world_->counters().binds_refused.get(), 500U);
  world_->advance(seconds(2));
  refuse(0);
  ASSERT_EQ(world_->log.of("bind refused").size(), 51U);
  EXPECT_TRUE(world_->log.of("bind refused")[50].ends_with(" held_back=450"));
}

TEST_F(GateTest, DecidesLater) {
  Peer& peer = ask();
  world_->write(peer, pdu(Command::enquire_link, 7));
  EXPECT_FALSE(peer.next().has_value()) << "what comes behind the bind waits";
  world_->advance(seconds(1));
  EXPECT_EQ(decide(gate_.connects[0]), Posted::ok);
  EXPECT_EQ(status_of(peer), Status::ESME_ROK);
  EXPECT_EQ(peer.next()->command(), Command::enquire_link_resp);
  EXPECT_EQ(decide(gate_.connects[0]), Posted::misuse) << "twice";
  EXPECT_EQ(decide(gate_.connects[0], Status::ESME_RBINDFAIL), Posted::misuse);
  EXPECT_FALSE(peer.close_asked);
}

TEST_F(GateTest, VerdictsOfNobody) {
  Peer& silent = world_->connect(0, "192.0.2.1:5");
  EXPECT_EQ(decide(gate_.connects[0]), Posted::misuse) << "it has not asked";
  Peer& peer = ask();
  world_->drop(peer);
  EXPECT_EQ(decide(gate_.connects[1]), Posted::gone);
  EXPECT_EQ(decide({0}), Posted::misuse);
  EXPECT_EQ(decide({~std::uint64_t{0}}), Posted::misuse);
  EXPECT_EQ(decide({gate_.connects[1].value + 1}), Posted::misuse) << "nobody yet";
  EXPECT_EQ(decide({gate_.connects[0].value | std::uint64_t{1} << 56}), Posted::misuse)
      << "another shard's";
  EXPECT_FALSE(silent.close_asked);
  std::size_t taken = 9;
  Peer& again = ask();
  const BindVerdict both[] = {{gate_.connects[2], Status::ESME_ROK, "a"},
                              {{0}, Status::ESME_ROK, "a"}};
  world_->turn(0, [&](Shard& at) { EXPECT_EQ(at.decide(both, taken), Posted::misuse); });
  world_->settle();
  EXPECT_EQ(taken, 1U);
  EXPECT_EQ(status_of(again), Status::ESME_ROK);
}

TEST_F(GateTest, NoVerdict) {
  Peer& peer = ask();
  world_->advance(milliseconds(4'900));
  EXPECT_FALSE(peer.next().has_value());
  world_->advance(milliseconds(200));
  EXPECT_EQ(status_of(peer), Status::ESME_RBINDFAIL);
  EXPECT_EQ(world_->counters().binds_unanswered.get(), 1U);
  EXPECT_NE(decide(gate_.connects[0]), Posted::ok);
  world_->advance(seconds(5));
  EXPECT_TRUE(peer.close_asked);
  EXPECT_EQ(decide(gate_.connects[0]), Posted::gone);
  ASSERT_EQ(gate_.closed.size(), 1U);
  EXPECT_EQ(gate_.closed[0].cause, CloseCause::refused);
}

// Aim: who asks late, but in time, has the whole time for the verdict.
TEST_F(GateTest, ABindAtTheLastMoment) {
  Peer& peer = world_->connect(0, "192.0.2.1:5");
  world_->advance(milliseconds(9'900));
  world_->write(peer, bind_pdu(Command::bind_transceiver, "anybody", "whatever"));
  world_->advance(seconds(4));
  EXPECT_EQ(decide(gate_.connects[0]), Posted::ok);
  EXPECT_EQ(status_of(peer), Status::ESME_ROK);
}

TEST_F(GateTest, TheAccountStillCounts) {
  Peer& nobody = ask();
  EXPECT_EQ(decide(gate_.connects.back(), Status::ESME_ROK, "nobody"), Posted::ok);
  EXPECT_EQ(status_of(nobody), Status::ESME_RSYSERR);
  Peer& first = ask();
  const SessionId earlier = gate_.connects.back();
  Peer& second = ask();
  EXPECT_EQ(decide(gate_.connects.back(), Status::ESME_ROK, "b"), Posted::ok);
  EXPECT_EQ(decide(earlier, Status::ESME_ROK, "b"), Posted::ok);
  EXPECT_EQ(status_of(second), Status::ESME_ROK);
  EXPECT_EQ(status_of(first), Status::ESME_RBINDFAIL) << "max_binds, when the verdict came";
  Peer& late = ask();
  AccountOptions disabled = test::account("a");
  disabled.enabled = false;
  world_->change_accounts({disabled, test::account("b")});
  world_->adopt();
  EXPECT_EQ(decide(gate_.connects.back()), Posted::ok);
  EXPECT_EQ(status_of(late), Status::ESME_RBINDFAIL);
}

TEST_F(GateTest, TooManyWait) {
  for (std::uint32_t i = 0; i < Gatekeeper::waiting_max; ++i) {
    Peer& peer = world_->connect(0, i % 2 == 0 ? "192.0.2.1:5" : "192.0.2.2:5");
    world_->turn(0, [&](Shard& at) {
      at.on_bytes(peer.link, as_octets(bind_pdu(Command::bind_transceiver, "x", "y")));
    });
  }
  EXPECT_EQ(gate_.binds.size(), Gatekeeper::waiting_max);
  EXPECT_EQ(status_of(ask()), Status::ESME_RBINDFAIL);
  EXPECT_EQ(gate_.binds.size(), Gatekeeper::waiting_max) << "it was not asked";
  EXPECT_EQ(decide(gate_.connects[0]), Posted::ok);
  ask();
  EXPECT_EQ(gate_.binds.size(), Gatekeeper::waiting_max + 1) << "there is room again";
}

/// Who waits has a place and does not give way.
TEST_F(GateTest, AnAddressHasItsShareOfWhoWaits) {
  const std::uint32_t share = Gatekeeper::waiting_max / 2;
  for (std::uint32_t i = 0; i < share; ++i) ask();
  EXPECT_EQ(gate_.binds.size(), share);
  EXPECT_EQ(status_of(ask()), Status::ESME_RBINDFAIL);
  EXPECT_EQ(gate_.binds.size(), share) << "the gate is not asked";
  Peer& other = world_->connect(0, "192.0.2.2:5");
  world_->write(other, bind_pdu(Command::bind_transceiver, "anybody", "whatever"));
  EXPECT_EQ(decide(gate_.binds.back().session), Posted::ok);
  EXPECT_EQ(status_of(other), Status::ESME_ROK);
  decide(gate_.binds.front().session, Status::ESME_RINVPASWD);
  ask();
  EXPECT_EQ(gate_.binds.size(), share + 2) << "one has been decided";
}

TEST_F(GateTest, WhoIsTurnedAwayPushesNobodyOut) {
  std::vector<Peer*> strangers;
  for (std::uint32_t i = 0; i < StrangerLimits{}.per_address_max; ++i)
    strangers.push_back(&world_->connect(0, "192.0.2.1:5"));
  world_->advance(seconds(2));
  gate_.accepting = false;
  EXPECT_TRUE(world_->connect(0, "192.0.2.1:6").close_asked);
  for (const Peer* one : strangers) ASSERT_FALSE(one->close_asked);
  gate_.accepting = true;
  world_->connect(0, "192.0.2.1:7");
  EXPECT_TRUE(strangers.front()->close_asked) << "as it would have";
}

TEST_F(GateTest, NobodyBindsDuringTheEnd) {
  Peer& peer = ask();
  world_->turn(0, [](Shard& shard) { shard.start_drain(); });
  EXPECT_EQ(decide(gate_.binds[0].session), Posted::ok);
  EXPECT_EQ(status_of(peer), Status::ESME_RBINDFAIL);
}

TEST_F(GateTest, TheLastWord) {
  gate_.at_once = Status::ESME_ROK;
  Peer& polite = ask();
  world_->write(polite, submit_pdu(2));
  world_->write(polite, pdu(Command::unbind, 3));
  ASSERT_EQ(gate_.unbinds.size(), 1U);
  EXPECT_EQ(gate_.unbinds[0], gate_.connects[0]);
  EXPECT_TRUE(gate_.closed.empty()) << "the client has time to close";
  world_->advance(seconds(10));
  ASSERT_EQ(gate_.closed.size(), 1U);
  EXPECT_EQ(gate_.closed[0].session, gate_.connects[0]);
  EXPECT_EQ(gate_.closed[0].cause, CloseCause::unbound);
  EXPECT_EQ(gate_.accounts[0], "a");
  EXPECT_EQ(gate_.closed[0].pdus_in, 3U);
  EXPECT_GT(gate_.closed[0].octets_in, 48U);
  EXPECT_GT(gate_.closed[0].octets_out, 48U);

  Peer& dropped = ask();
  world_->drop(dropped);
  ASSERT_EQ(gate_.closed.size(), 2U);
  EXPECT_EQ(gate_.closed[1].cause, CloseCause::peer);
  EXPECT_EQ(gate_.unbinds.size(), 1U) << "it just went";

  Peer& stranger = world_->connect(0, "192.0.2.1:5");
  world_->drop(stranger);
  ASSERT_EQ(gate_.closed.size(), 3U);
  EXPECT_EQ(gate_.accounts[2], "");

  world_->turn(0, [](Shard& at) { at.start_shutdown(); });
  world_->settle();
  EXPECT_EQ(gate_.closed.size(), 3U);
}

class GateOfTwoShards : public GateTest {
 protected:
  GateOfTwoShards() : GateTest(2) {}
};

TEST_F(GateOfTwoShards, SessionsHaveNamesOfTheirOwn) {
  Peer& one = ask(0);
  Peer& other = ask(1);
  ASSERT_NE(gate_.connects[0], gate_.connects[1]);
  EXPECT_EQ(decide(gate_.connects[1], Status::ESME_ROK, "a", 0), Posted::misuse);
  EXPECT_EQ(decide(gate_.connects[1], Status::ESME_ROK, "a", 1), Posted::ok);
  EXPECT_EQ(status_of(other), Status::ESME_ROK);
  EXPECT_FALSE(one.next().has_value());
  world_->write(other, submit_pdu(2));
  ASSERT_EQ(world_->backend.held.size(), 1U);
  EXPECT_EQ(world_->backend.held[0].session, gate_.connects[1]);
  EXPECT_EQ(decide(gate_.connects[0], Status::ESME_ROK, "a", 0), Posted::ok);
  const MessageIdText id = to_text(world_->backend.held[0].id);
  world_->write(one, query_pdu(2, {id.data(), id.size()}));
  EXPECT_EQ(world_->backend.operations.size(), 1U);
  for (const auto& asked : world_->backend.operations)
    EXPECT_EQ(asked.session, gate_.connects[0]) << "who asks, wherever the message is";
}

}  // namespace
}  // namespace ringgate::test
