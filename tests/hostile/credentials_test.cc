// Guessing passwords, and what it does to those who know theirs.
#include <gtest/gtest.h>

#include <chrono>
#include <deque>
#include <thread>

#include "pdu.h"
#include "peer.h"
#include "row.h"
#include "site.h"

namespace ringgate::hostile {
namespace {

// Made by crypt(3) from "tiger", as mkpasswd does by default: some 10 ms for each comparison.
constexpr const char* yescrypt =
    "$y$j9T$ringgate0123456789ab$l9iOTAgNfEcfPGqSnMHKWIF.mLnKFJTet70.IvfM7C1";

constexpr const char* elsewhere = "127.0.0.2";

/// Accounts "known", "good" and "victim" with a hash of "tiger", and "plain" with "secret".
Options hashed_options() {
  Options options = site_options();
  options.accounts.clear();
  for (const char* name : {"known", "good", "victim"}) {
    options.accounts.emplace_back().system_id = name;
    options.accounts.back().password_hash = yescrypt;
  }
  options.accounts.emplace_back().system_id = "plain";
  options.accounts.back().password = "secret";
  options.numbers.clear();
  return options;
}

std::uint32_t bind_as(Peer& peer, const std::string& system_id, const std::string& password) {
  return peer
      .ask(command::bind_transceiver, 1, Bind{.system_id = system_id, .password = password}.body())
      .command_status;
}

/// A connection whose bind has been sent.
void guess(std::deque<Peer>& peers, const Site& site, const std::string& system_id,
           const std::string& password) {
  const Bind body{.system_id = system_id, .password = password};
  peers.emplace_back(site.port()).send(pdu(command::bind_transceiver, own_sequence, body.body()));
}

// Aim: a flood of wrong passwords from one address delays neither a client that was here before,
// not even at that address, nor, by more than a comparison or two, a new one from elsewhere.
// Method: blocks switched off, so that all are heard; 400 binds under 400 names; when the good ones
// are in, most of the flood must still be waiting.
TEST(Credentials, FloodDelaysNoOther) {
  Options options = hashed_options();
  options.limits.bind_failures_max = options.limits.bind_failures_address_max = 0;
  options.limits.password_threads = 1;
  Site site(options);
  {
    Peer before(site.port());
    ASSERT_EQ(bind_as(before, "known", "tiger"), status::ROK);
  }
  constexpr std::size_t count = 400;
  std::deque<Peer> flood;
  for (std::size_t i = 0; i < count; ++i)
    guess(flood, site, "nobody" + std::to_string(i), std::to_string(i));
  const auto waiting = [&site] {
    const Counters counters = site.server->counters();
    return counters.passwords_asked - counters.binds_refused;
  };
  const auto until = std::chrono::steady_clock::now() + patience;
  while (site.server->counters().passwords_asked < count) {
    ASSERT_LT(std::chrono::steady_clock::now(), until) << "the flood is not heard";
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  Peer known(site.port());
  EXPECT_EQ(bind_as(known, "known", "tiger"), status::ROK);
  Peer good(site.port(), elsewhere);
  EXPECT_EQ(bind_as(good, "good", "tiger"), status::ROK);
  EXPECT_GT(waiting(), count / 2);
  EXPECT_EQ(site.server->counters().passwords_known, 1u);
}

// Aim: guesses at one account from one address are bounded, and so is what is written about them;
// the account's own client is not kept out, neither from elsewhere nor, once known, from that very
// address. Method: ten times as many guesses as are heard, at a plain and a hashed password, all
// at once and then one by one.
TEST(Credentials, GuessesAreBounded) {
  for (const auto& [system_id, password] :
       {std::pair("victim", "tiger"), std::pair("plain", "secret")}) {
    SCOPED_TRACE(system_id);
    Site site(hashed_options());
    Peer own(site.port());
    ASSERT_EQ(bind_as(own, system_id, password), status::ROK);
    constexpr std::uint64_t count = 100;
    std::deque<Peer> peers;
    for (std::uint64_t i = 0; i < count; ++i) guess(peers, site, system_id, std::to_string(i));
    for (Peer& peer : peers) {
      ASSERT_TRUE(peer.read_count(1));
      EXPECT_EQ(peer.received.front().command_status, status::RBINDFAIL);
    }
    for (int i = 0; i < 50; ++i)
      EXPECT_EQ(bind_as(peers.emplace_back(site.port()), system_id, "x"), status::RBINDFAIL);
    const Counters counters = site.server->counters();
    EXPECT_EQ(counters.binds_refused, count + 50);
    // Ten are heard before the block, and what waits for its answer when that begins.
    EXPECT_GE(counters.binds_blocked, 50u);
    EXPECT_LE(counters.passwords_asked, 22u);
    EXPECT_EQ(site.log.count("blocked"), 1u);
    Peer again(site.port());
    EXPECT_EQ(bind_as(again, system_id, password), status::ROK);
    Peer other(site.port(), elsewhere);
    EXPECT_EQ(bind_as(other, system_id, password), status::ROK);
  }
}

// Aim: names that nobody has and names of accounts are told apart by nothing but what the
// configuration says: the status is the same, and so is the way that leads to it. Method: one wrong
// password for each, and a look at how many comparisons that cost.
TEST(Credentials, NamesAreNotTold) {
  Site site(hashed_options());
  std::uint64_t asked = 0;
  for (const char* system_id : {"nobody", "victim", "plain", "other"}) {
    Peer peer(site.port());
    EXPECT_EQ(bind_as(peer, system_id, "wrong"), status::RBINDFAIL) << system_id;
    EXPECT_EQ(site.server->counters().passwords_asked, ++asked) << system_id;
  }
  // The password of the account whose hash is lent out opens no other name.
  Peer peer(site.port());
  EXPECT_EQ(bind_as(peer, "nobody", "tiger"), status::RBINDFAIL);
}

// Aim: whoever tries name after name is blocked altogether; others are not.
TEST(Credentials, AddressIsBlocked) {
  Options options = hashed_options();
  options.limits.bind_failures_address_max = 20;
  Site site(options);
  for (int i = 0; i < 20; ++i) {
    Peer peer(site.port());
    EXPECT_EQ(bind_as(peer, "name" + std::to_string(i), "x"), status::RBINDFAIL);
  }
  Peer peer(site.port());
  EXPECT_EQ(bind_as(peer, "plain", "secret"), status::RBINDFAIL);
  EXPECT_EQ(site.server->counters().binds_blocked, 1u);
  Peer other(site.port(), elsewhere);
  EXPECT_EQ(bind_as(other, "plain", "secret"), status::ROK);
}

}  // namespace
}  // namespace ringgate::hostile
