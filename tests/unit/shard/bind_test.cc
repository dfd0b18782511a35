#include <gtest/gtest.h>

#include "shard_world.h"

namespace ringgate::test {
namespace {

using smpp::Command;

// Aim: who may not bind hears ESME_RBINDFAIL, whatever the reason, and the connection ends after
// the refusal delay. Method: every reason but the number of binds.
TEST(Bind, Refusals) {
  WorldOptions options = one_account();
  options.accounts.push_back(account("receiver"));
  options.accounts.back().bind_tx = false;
  options.accounts.back().bind_trx = false;
  World world(options);
  struct Case {
    Command command;
    const char* system_id;
    const char* password;
  };
  for (const Case& one :
       {Case{Command::bind_transceiver, "nobody", "secret"},
        Case{Command::bind_transceiver, "", ""}, Case{Command::bind_transceiver, "esme", "wrong"},
        Case{Command::bind_transceiver, "esme", ""},
        Case{Command::bind_transmitter, "receiver", "secret"},
        Case{Command::bind_transceiver, "receiver", "secret"}}) {
    Peer& peer = world.connect();
    EXPECT_EQ(world.bind(peer, one.command, one.system_id, one.password), Status::ESME_RBINDFAIL);
    EXPECT_FALSE(peer.released);
    world.advance(seconds(1));
    EXPECT_TRUE(peer.released);
  }
  Peer& peer = world.connect();
  EXPECT_EQ(world.bind(peer, Command::bind_receiver, "receiver"), Status::ESME_ROK);
  EXPECT_EQ(world.counters().binds_refused.get(), 6U);
  EXPECT_EQ(world.counters().binds_ok.get(), 1U);
  EXPECT_EQ(world.counters().connections_open.get(), 1U);
}

// Aim: max_binds counts over shards, and both unbind and a lost connection free a place. Method:
// two binds on two shards, a third on either.
TEST(Bind, MaxBindsOverShards) {
  WorldOptions options = one_account(2);
  options.accounts[0].max_binds = 2;
  options.ghost_probe = 0;
  World world(options);
  Peer& first = world.bound("esme", 0);
  Peer& second = world.bound("esme", 1, Command::bind_transmitter);
  for (const unsigned shard : {0U, 1U}) {
    Peer& third = world.connect(shard);
    EXPECT_EQ(world.bind(third, Command::bind_transceiver, "esme"), Status::ESME_RBINDFAIL);
  }
  world.write(first, pdu(Command::unbind, 2));
  EXPECT_EQ(first.next()->command(), Command::unbind_resp);
  Peer& third = world.bound("esme", 1);
  world.drop(second);
  EXPECT_TRUE(second.released);
  Peer& fourth = world.bound("esme", 0);
  EXPECT_EQ(world.counters(0).binds_open.get() + world.counters(1).binds_open.get(), 2U);
  world.drop(third);
  world.drop(fourth);
  world.advance(seconds(3));
  EXPECT_EQ(world.directory().at(0).state->binds.all(), 0U);
  EXPECT_FALSE(world.shard(0).has_connections());
}

// Aim: a hashed password is compared elsewhere while the connection waits; what follows the bind
// waits too; answers for links that have gone meanwhile are ignored. Method: the pool's answer
// given by hand.
TEST(Bind, HashedPassword) {
  WorldOptions options = one_account();
  options.accounts[0].password.clear();
  options.accounts[0].password_hash = "$y$some$hash";
  World world(options);
  Peer& peer = world.connect();
  world.write(peer, bind_pdu(Command::bind_transceiver, "esme", "tiger") + submit_pdu(7));
  EXPECT_FALSE(peer.next().has_value());
  ASSERT_EQ(world.questions.size(), 1U);
  EXPECT_EQ(world.questions[0].hash, "$y$some$hash");
  EXPECT_EQ(world.questions[0].password, "tiger");
  world.answer(world.questions[0], io::PasswordVerdict::right);
  EXPECT_EQ(peer.next()->command(), Command::bind_transceiver_resp);
  EXPECT_EQ(peer.next()->command(), Command::submit_sm_resp);
  // A second answer finds nothing to decide.
  world.answer(world.questions[0], io::PasswordVerdict::wrong);
  EXPECT_TRUE(peer.in.pdus.empty());

  Peer& wrong = world.connect();
  world.write(wrong, bind_pdu(Command::bind_transceiver, "esme", "lion"));
  world.answer(world.questions[1], io::PasswordVerdict::wrong);
  EXPECT_EQ(wrong.next()->status(), Status::ESME_RBINDFAIL);

  Peer& gone = world.connect();
  world.write(gone, bind_pdu(Command::bind_transceiver, "esme", "tiger"));
  world.drop(gone);
  world.answer(world.questions[2], io::PasswordVerdict::right);
  EXPECT_EQ(world.counters().binds_open.get(), 1U);

  world.passwords_full = true;
  Peer& full = world.connect();
  EXPECT_EQ(world.bind(full, Command::bind_transceiver, "esme", "tiger"), Status::ESME_RBINDFAIL);
}

// Aim: a connection that never binds is closed in time; one more than there is room for takes the
// place of the one that has been silent longest, but nobody's who has bound. Method: fill the table
// with strangers, then with binds.
TEST(Bind, UnboundConnections) {
  WorldOptions options = one_account();
  options.connections_max = 16;
  World world(options);
  std::vector<Peer*> peers;
  for (int i = 0; i < 16; ++i) peers.push_back(&world.connect());
  world.write(*peers[0], pdu(Command::enquire_link, 1, Status::ESME_ROK, ""));
  Peer& seventeenth = world.connect();
  EXPECT_NE(seventeenth.link, LinkId{});
  EXPECT_FALSE(peers[0]->released) << "it has just said something";
  EXPECT_TRUE(peers[1]->released);
  world.advance(seconds(11));
  for (const Peer* peer : peers) EXPECT_TRUE(peer->released);
  EXPECT_TRUE(seventeenth.released);

  for (int i = 0; i < 16; ++i) world.bound("esme");
  LinkId none = LinkId::make(1, 1);
  world.turn(0, [&](Shard& at) { none = at.on_link("one too many"); });
  EXPECT_EQ(none, LinkId{});
  EXPECT_EQ(world.counters().binds_open.get(), 16u);
}

// Aim: names of links that are gone are ignored by every entry, also when the slot has a new
// tenant.
TEST(Bind, StaleLinks) {
  World world(one_account());
  Peer& old = world.bound("esme");
  world.drop(old);
  ASSERT_TRUE(old.released);
  Peer& heir = world.bound("esme");
  ASSERT_EQ(heir.link.slot(), old.link.slot());
  ASSERT_NE(heir.link, old.link);
  for (const LinkId link : {old.link, LinkId{}, LinkId::make(17, 3), LinkId::make(200'000, 1)}) {
    world.turn(0, [&](Shard& at) {
      at.on_bytes(link, as_octets("garbage that would close a session"));
      at.on_sent(link, 10);
      at.on_hangup(link, true);
      at.on_password(link, 1, io::PasswordVerdict::right);
      at.on_released(link);
    });
  }
  world.settle();
  EXPECT_FALSE(heir.close_asked);
  world.write(heir, submit_pdu(3, 0));
  EXPECT_EQ(heir.next()->status(), Status::ESME_ROK);
}

// Aim: shutdown unbinds the bound, closes the unbound, takes nothing new, and ends. Method: one
// peer that answers unbind, one that does not, one unbound.
TEST(Bind, Shutdown) {
  World world(one_account());
  Peer& polite = world.bound("esme");
  Peer& silent = world.bound("esme");
  Peer& unbound = world.connect();
  world.turn(0, [](Shard& at) { at.start_shutdown(); });
  world.settle();
  EXPECT_TRUE(unbound.released);
  const auto unbind = polite.next();
  ASSERT_TRUE(unbind.has_value());
  EXPECT_EQ(unbind->command(), Command::unbind);
  world.write(polite, submit_pdu(9));
  EXPECT_NE(polite.next()->status(), Status::ESME_ROK);
  world.write(polite, pdu(Command::unbind_resp, unbind->sequence_number()));
  EXPECT_TRUE(polite.released);
  EXPECT_FALSE(silent.released);
  world.advance(seconds(2));
  EXPECT_TRUE(silent.released);
  EXPECT_FALSE(world.shard().has_connections());
  world.turn(0, [](Shard& at) { EXPECT_EQ(at.on_link("late"), LinkId{}); });
}

// Aim: who connects and goes without a bind, again and again, does not fill the log; other
// addresses, other causes and those that were bound keep their lines. Method: a storm from one
// address, then a stranger from elsewhere, one that speaks another protocol, a bound client; a
// stranger a second later says how many were held back.
TEST(Bind, AStormOfStrangersIsHeldBackInTheLog) {
  World world(one_account());
  const auto come_and_go = [&](const char* peer) { world.drop(world.connect(0, peer)); };
  for (int i = 0; i < 500; ++i) come_and_go("192.0.2.1:1");
  EXPECT_EQ(world.log.of("closed").size(), 50U);
  come_and_go("192.0.2.2:1");
  EXPECT_EQ(world.log.of("closed").size(), 51U);
  world.write(world.connect(0, "192.0.2.1:1"), "GET / HTTP/1.1\r\n\r\n");
  EXPECT_EQ(world.log.of("closed").size(), 52U);
  for (int i = 0; i < 60; ++i) {
    Peer& client = world.connect(0, "192.0.2.1:1");
    world.write(client, bind_pdu(Command::bind_transceiver, "esme", "secret"));
    world.drop(client);
  }
  EXPECT_EQ(world.log.of("closed").size(), 112U);
  world.advance(seconds(1));
  come_and_go("192.0.2.1:1");
  ASSERT_EQ(world.log.of("closed").size(), 113U);
  EXPECT_EQ(world.log.of("closed").back(),
            "closed system_id=- peer=192.0.2.1:1 shard=0 cause=peer held_back=450");
}

// Aim: a bind that cannot be read is in the log with field and status, once a second for each
// address and system_id, and says how many were held back. Method: a password and a system_id that
// are too long, again and again; another address.
TEST(Bind, MalformedOnesAreInTheLog) {
  World world(one_account());
  Peer& peer = world.connect(0, "192.0.2.1:1");
  const std::string bad = bind_pdu(Command::bind_transceiver, "esme", "much too long");
  for (int i = 0; i < 5; ++i) world.write(peer, bad);
  ASSERT_EQ(world.log.of("bind refused").size(), 1U);
  EXPECT_EQ(world.log.of("bind refused")[0],
            "bind refused system_id=esme peer=192.0.2.1:1 shard=0 cause=malformed field=password "
            "status=ESME_RINVPASWD");
  Peer& other = world.connect(0, "192.0.2.2:1");
  world.write(other, bad);
  EXPECT_EQ(world.log.of("bind refused").size(), 2U);
  world.advance(seconds(2));
  world.write(peer, bad);
  ASSERT_EQ(world.log.of("bind refused").size(), 3U);
  EXPECT_TRUE(world.log.of("bind refused")[2].ends_with(" held_back=4"));
  world.write(peer, bind_pdu(Command::bind_transceiver, "a name that is too long", "secret"));
  ASSERT_EQ(world.log.of("bind refused").size(), 4U);
  EXPECT_EQ(world.log.of("bind refused")[3],
            "bind refused system_id=- peer=192.0.2.1:1 shard=0 cause=malformed field=system_id "
            "status=ESME_RINVSYSID");
}

// Aim: names are the client's to choose, and a malformed bind ends no session: neither may fill the
// log. Method: one client, and a name of its own in each bind.
TEST(Bind, ManyMalformedNamesDoNotFillTheLog) {
  World world(one_account());
  Peer& peer = world.connect(0, "192.0.2.1:1");
  for (int i = 0; i < 500; ++i)
    world.write(peer,
                bind_pdu(Command::bind_transceiver, "n" + std::to_string(i), "much too long"));
  EXPECT_EQ(world.counters().binds_refused.get(), 500U);
  EXPECT_EQ(world.log.of("bind refused").size(), 50U);
}

// Aim: whoever places connections knows how many could give way: not who waits for us to decide on
// its bind, and again who was refused. Method: a password that is asked about, and answered wrong
// when another connection has come and gone.
TEST(Bind, WhoCouldGiveWay) {
  WorldOptions options = one_account();
  options.accounts[0].password.clear();
  options.accounts[0].password_hash = "$y$some$hash";
  World world(options);
  Peer& peer = world.connect();
  EXPECT_EQ(world.counters().strangers.get(), 1U);
  world.write(peer, bind_pdu(Command::bind_transceiver, "esme", "tiger"));
  EXPECT_EQ(world.counters().strangers.get(), 0U);
  Peer& other = world.connect();
  world.drop(other);
  EXPECT_EQ(world.counters().strangers.get(), 0U);
  ASSERT_EQ(world.questions.size(), 1U);
  world.answer(world.questions[0], io::PasswordVerdict::wrong);
  EXPECT_EQ(world.counters().strangers.get(), 1U);
  world.drop(peer);
  EXPECT_EQ(world.counters().strangers.get(), 0U);
}

}  // namespace
}  // namespace ringgate::test
