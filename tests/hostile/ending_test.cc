// A5, A36, A37: silence, and ends.
#include <gtest/gtest.h>

#include <thread>

#include "row.h"
#include "site.h"

namespace ringgate::hostile {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::array bound_states{State::tx, State::rx, State::trx};

Peer enter(Site& site, State state) {
  Peer peer(site.port());
  if (state == State::open) return peer;
  const std::uint32_t id = state == State::tx   ? command::bind_transmitter
                           : state == State::rx ? command::bind_receiver
                                                : command::bind_transceiver;
  EXPECT_EQ(peer.ask(id, 1, Bind{}.body()).command_status, status::ROK);
  return peer;
}

// Aim: A5: part of a PDU and then nothing: no answer, and the end when the time for reading a PDU
// (10 s, session.h) is over; octets that trickle in do not extend it. Method: every cut in every
// state at the same time, on a site whose other timers are out of the way. One peer per state sends
// an octet every second.
TEST(Endings, A5HalfAPdu) {
  Options options = site_options();
  options.limits.session_init_ms = 60'000;
  Site site(options);
  const std::string whole = pdu(command::submit_sm, own_sequence, SubmitSm{}.body());
  const std::size_t cuts[] = {1, 4, 15, 16, 17, whole.size() - 1};
  std::vector<Peer> silent, trickling;
  for (const State state : all_states) {
    for (std::size_t i = 0; i < std::size(cuts) + 1; ++i) silent.push_back(enter(site, state));
    trickling.push_back(enter(site, state));
  }
  const auto begun = steady_clock::now();
  std::size_t next = 0;
  while (next < silent.size()) {
    for (const std::size_t cut : cuts) silent[next++].send(std::string_view(whole).substr(0, cut));
    // Glued to a PDU that is whole, which is answered.
    Peer& glued = silent[next++];
    glued.send(pdu(command::enquire_link, 7) + whole.substr(0, 20));
    EXPECT_TRUE(glued.read_count(1));
    EXPECT_EQ(glued.received.size(), 1u);
    glued.received.clear();
  }
  for (std::size_t at = 0; at < 9; ++at) {
    for (Peer& peer : trickling) {
      EXPECT_TRUE(peer.send(std::string_view(whole).substr(at, 1)));
      peer.read(steady_clock::now());
    }
    std::this_thread::sleep_until(begun + (at + 1) * milliseconds(950));
  }
  for (Peer& peer : silent) {
    peer.read(steady_clock::now());
    EXPECT_FALSE(peer.closed()) << "too early";
  }
  for (std::vector<Peer>* const peers : {&silent, &trickling}) {
    for (Peer& peer : *peers) {
      EXPECT_TRUE(peer.read_end());
      EXPECT_TRUE(peer.received.empty());
    }
  }
  EXPECT_GE(steady_clock::now() - begun, milliseconds(9'900));
  EXPECT_LE(steady_clock::now() - begun, milliseconds(12'000));
  EXPECT_EQ(site.log.count("pdu_read"), silent.size() + trickling.size());
}

// Aim: A36: unbind is answered, what follows it is refused, enquire_link apart, and the connection
// ends. Method: in one piece, octet by octet, and in the middle of other requests; in the bound
// states, all at the same time.
TEST(Endings, A36RequestsAfterUnbind) {
  const std::string requests =
      pdu(command::unbind, 10) + pdu(command::submit_sm, 11, SubmitSm{}.body()) +
      pdu(command::query_sm, 12, QuerySm{"0123456789abcdef"}.body()) +
      pdu(command::bind_transceiver, 13, Bind{}.body()) + pdu(command::unbind, 14) +
      pdu(command::enquire_link, 15) + pdu(0x0A, 16);
  const Reply expected[] = {
      {command::unbind | command::resp, status::ROK, 10},
      {command::submit_sm | command::resp, status::RINVBNDSTS, 11},
      {command::query_sm | command::resp, status::RINVBNDSTS, 12},
      {command::bind_transceiver | command::resp, status::RINVBNDSTS, 13},
      {command::unbind | command::resp, status::RINVBNDSTS, 14},
      {command::enquire_link | command::resp, status::ROK, 15},
      {command::generic_nack, status::RINVCMDID, 16},
  };
  Site& site = common_site();
  site.watcher.take_seen();
  std::vector<Peer> peers;
  const auto begun = steady_clock::now();
  for (const State state : bound_states) {
    peers.push_back(enter(site, state));
    peers.back().send(requests);
    peers.push_back(enter(site, state));
    for (const char& c : requests) peers.back().send(std::string_view(&c, 1));
    peers.push_back(enter(site, state));
    peers.back().send(pdu(command::enquire_link, 9) + requests);
    EXPECT_TRUE(peers.back().read_count(1));
    peers.back().received.pop_front();
  }
  for (Peer& peer : peers) {
    EXPECT_TRUE(peer.read_end());
    ASSERT_EQ(peer.received.size(), std::size(expected));
    for (std::size_t i = 0; i < std::size(expected); ++i) {
      EXPECT_EQ(peer.received[i].command_id, expected[i].command_id);
      EXPECT_EQ(peer.received[i].command_status, expected[i].command_status) << i;
      EXPECT_EQ(peer.received[i].sequence_number, expected[i].sequence_number);
    }
  }
  // session.h: unbind, the time a peer has for closing itself.
  EXPECT_LT(steady_clock::now() - begun, milliseconds(4'000));
  EXPECT_TRUE(site.watcher.take_seen().empty());
}

// Aim: A36: a message accepted before the unbind is answered before it. Method: in one piece.
TEST(Endings, A36RequestsBeforeUnbind) {
  Peer peer = enter(common_site(), State::trx);
  peer.send(pdu(command::submit_sm, 10, SubmitSm{}.body()) + pdu(command::unbind, 11));
  ASSERT_TRUE(peer.read_count(2));
  ASSERT_EQ(peer.received.size(), 2u);
  EXPECT_EQ(peer.received[0].command_id, command::submit_sm | command::resp);
  EXPECT_EQ(peer.received[0].command_status, status::ROK);
  EXPECT_EQ(peer.received[1].command_id, command::unbind | command::resp);
}

TEST(Endings, A36UnbindRespWithoutUnbind) {
  run({everywhere("A36", "unbind_resp without unbind",
                  pdu(command::unbind | command::resp, own_sequence), {})});
}

// Aim: A36: both sides unbind at once, and both are answered. Method: the server stops while each
// client, having seen its unbind, says unbind as well before it answers; and one that answers
// first.
TEST(Endings, A36BothUnbind) {
  for (const bool answer_first : {false, true}) {
    Site site;
    std::vector<Peer> peers;
    for (const State state : bound_states) peers.push_back(enter(site, state));
    std::thread stopper([&site] { site.server->stop(); });
    for (Peer& peer : peers) {
      const Received theirs = peer.next(command::unbind);
      EXPECT_EQ(theirs.command_id, command::unbind);
      const std::string answer = pdu(command::unbind | command::resp, theirs.sequence_number);
      // A response and a request in one piece; behind the answer the server has already gone.
      peer.send(answer_first ? answer + pdu(command::unbind, 10)
                             : pdu(command::unbind, 10) + answer);
    }
    for (Peer& peer : peers) {
      EXPECT_TRUE(peer.read_end());
      if (answer_first) continue;
      ASSERT_EQ(peer.received.size(), 1u);
      EXPECT_EQ(peer.received[0].command_id, command::unbind | command::resp);
      EXPECT_EQ(peer.received[0].command_status, status::ROK);
      EXPECT_EQ(peer.received[0].sequence_number, 10u);
    }
    peers.clear();  // The server waits a while for whoever has not closed.
    stopper.join();
  }
}

// Aim: A37: enquire_link before the bind is answered and does not extend the time for binding; no
// more do refused requests or binds that fail (A8). Method: one of them every millisecond, whole,
// in two pieces, until the end.
TEST(Endings, A37EnquireLinkBeforeBind) {
  constexpr milliseconds session_init{1000};
  Options options = site_options();
  options.limits.session_init_ms = static_cast<unsigned>(session_init.count());
  Site site(options);
  const std::pair<std::uint32_t, std::string> requests[] = {
      {command::enquire_link, ""},
      {command::submit_sm, SubmitSm{}.body()},
      {command::bind_transceiver, Bind{.password = std::string(9, 'p')}.body()},
  };
  const auto begun = steady_clock::now();
  std::vector<Peer> peers;
  for (std::size_t i = 0; i < 2 * std::size(requests); ++i) peers.emplace_back(site.port());
  std::vector<std::uint32_t> sent(peers.size());
  while (steady_clock::now() - begun < session_init - milliseconds(300)) {
    for (std::size_t i = 0; i < peers.size(); ++i) {
      const auto& [command_id, body] = requests[i / 2];
      const std::string octets = pdu(command_id, ++sent[i], body);
      if (i % 2 == 0) {
        EXPECT_TRUE(peers[i].send(octets));
      } else {
        EXPECT_TRUE(peers[i].send(std::string_view(octets).substr(0, 9)));
        EXPECT_TRUE(peers[i].send(std::string_view(octets).substr(9)));
      }
      peers[i].read(steady_clock::now());
    }
    std::this_thread::sleep_for(milliseconds(1));
  }
  for (std::size_t i = 0; i < peers.size(); ++i) {
    EXPECT_TRUE(peers[i].read_end());
    EXPECT_EQ(peers[i].received.size(), sent[i]);
  }
  const auto lasted = steady_clock::now() - begun;
  EXPECT_GE(lasted, session_init - milliseconds(20));
  EXPECT_LE(lasted, session_init + milliseconds(500));
  EXPECT_EQ(site.log.count("session_init"), peers.size());
}

}  // namespace
}  // namespace ringgate::hostile
