#include <gtest/gtest.h>

#include "shard_world.h"

namespace ringgate::test {
namespace {

using smpp::Command;

std::string enquire_links(unsigned count) {
  std::string out;
  for (std::uint32_t i = 1; i <= count; ++i)
    out += pdu(Command::enquire_link, i, Status::ESME_ROK, "");
  return out;
}

/// A submit_sm whose text is a message_payload of that size.
std::string large_submit(unsigned size) {
  std::string body = submit_pdu(1, 0, "").substr(wire::pdu_header_size);
  for (const unsigned octet : {0x04u, 0x24u, size >> 8, size & 0xFF})
    body += static_cast<char>(octet);
  return pdu(Command::submit_sm, 1, Status::ESME_ROK, body.append(size, 'x'));
}

WorldOptions two_accounts() {
  WorldOptions options = one_account();
  options.accounts.push_back(account("other"));
  return options;
}

// Aim: a turn does a bounded amount of work, and who sends little is served in the turn in which it
// sends, however much others have sent. Method: ten floods of 10,000 PDUs each, bound and not; then
// one neighbour's enquire_link in a single turn.
TEST(Fairness, ANeighbourIsServedAtOnce) {
  World world(two_accounts());
  std::vector<Peer*> floods;
  for (int i = 0; i < 5; ++i) floods.push_back(&world.bound("esme"));
  for (int i = 0; i < 5; ++i) floods.push_back(&world.connect());
  Peer& neighbour = world.bound("other");
  const std::string flood = enquire_links(10'000);
  for (Peer* const one : floods)
    world.turn(0, [&](Shard& at) { at.on_bytes(one->link, as_octets(flood)); });
  EXPECT_LE(world.shard().deadline(), world.now.mono) << "there is more to do at once";
  world.turn(0, [&](Shard& at) {
    at.on_bytes(neighbour.link, as_octets(pdu(Command::enquire_link, 7, Status::ESME_ROK, "")));
  });
  world.turn(0);  // Its octets are reported as gone.
  const auto answer = neighbour.next();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->sequence_number(), 7u);
  // Nobody is cut off for it: at the end all are answered.
  world.settle();
  for (Peer* const one : floods) {
    unsigned answers = 0;
    while (one->next()) ++answers;
    EXPECT_EQ(answers, 10'000u);
  }
  EXPECT_LE(world.counters().turn_work_max.get(), std::uint64_t{TurnOrder::turn_work} + 1);
  EXPECT_LE(world.counters().turn_wait_max.get(), 2u);
}

// Aim: among floods nobody is left behind. Method: four that always have more to send; the PDUs
// worked through differ by no more than a quantum or two.
TEST(Fairness, FloodsShareAlike) {
  World world(two_accounts());
  std::vector<Peer*> floods;
  for (int i = 0; i < 4; ++i) floods.push_back(&world.bound("esme"));
  const std::string flood = enquire_links(2'000);
  for (Peer* const one : floods)
    world.turn(0, [&](Shard& at) { at.on_bytes(one->link, as_octets(flood)); });
  for (int i = 0; i < 3; ++i) world.turn(0);
  std::vector<std::size_t> answered;
  for (Peer* const one : floods) {
    std::size_t count = 0;
    while (one->next()) ++count;
    answered.push_back(count);
  }
  // What came first has had its turns; after that all go on together.
  for (const std::size_t count : answered) EXPECT_GT(count, 500u);
  world.settle();
}

// Aim: who sends large PDUs one behind the other has its turn when a round comes to it, not because
// it has sent nothing for a moment: each of them costs half a turn. Method: a crowd that sends its
// payloads piece by piece, so that between two pieces nothing of it waits; in every turn a
// neighbour asks, and is answered in the same.
TEST(Fairness, LargePdusWaitForTheirRound) {
  WorldOptions options = two_accounts();
  options.connections_max = 64;
  World world(options);
  std::vector<Peer*> crowd;
  for (int i = 0; i < 40; ++i) crowd.push_back(&world.bound("esme"));
  Peer& neighbour = world.bound("other");
  const std::string payload = large_submit(60'000);
  constexpr std::size_t piece = 16 * 1024;
  std::vector<std::size_t> sent(crowd.size());
  for (std::uint32_t turn = 1; turn <= 200; ++turn) {
    world.turn(0, [&](Shard& at) {
      for (std::size_t i = 0; i < crowd.size(); ++i) {
        if (crowd[i]->paused) continue;
        at.on_bytes(crowd[i]->link, as_octets(payload).subspan(sent[i]).first(
                                        std::min(piece, payload.size() - sent[i])));
        sent[i] += piece;
        if (sent[i] >= payload.size()) sent[i] = 0;
      }
      at.on_bytes(neighbour.link, as_octets(pdu(Command::enquire_link, turn)));
    });
  }
  EXPECT_EQ(world.counters().turn_wait_max.get(), 0u);
}

// Aim: a peer that never reads costs the unbound a small piece of memory and no more, and stops
// nobody. Method: two hundred that flood, then a customer that binds and submits.
TEST(Fairness, WhoNeverReadsTakesNothing) {
  WorldOptions options = two_accounts();
  options.connections_max = 300;
  World world(options);
  const std::string flood = enquire_links(1'000);
  for (int i = 0; i < 200; ++i) {
    Peer& mute = world.connect();
    mute.reads = false;
    world.write(mute, flood);
    world.write(mute, flood);
    EXPECT_FALSE(mute.close_asked);
  }
  EXPECT_EQ(world.counters().tx_on_heap_max.get(), 0u);
  Peer& customer = world.bound("other");
  world.write(customer, submit_pdu(9));
  const auto answer = customer.next();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status(), Status::ESME_ROK);
}

// Aim: where memory is short, what has been sent is still worked on: that is what gives memory
// back. Method: an account whose connections hold more than its share in input that came at once,
// and a neighbour's burst while the pool is short; everything is answered.
TEST(Fairness, ShortMemoryIsGivenBack) {
  World world(two_accounts());
  std::vector<Peer*> floods;
  for (int i = 0; i < 20; ++i) floods.push_back(&world.bound("esme"));
  Peer& neighbour = world.bound("other");
  const std::string flood = enquire_links(60'000);
  for (Peer* const one : floods)
    world.turn(0, [&](Shard& at) { at.on_bytes(one->link, as_octets(flood)); });
  world.turn(0, [&](Shard& at) { at.on_bytes(neighbour.link, as_octets(enquire_links(6'000))); });
  for (int i = 0; i < 60; ++i) world.advance(milliseconds(20));
  const auto answers_of = [](Peer& peer) {
    unsigned count = 0;
    while (peer.next()) ++count;
    return count;
  };
  EXPECT_EQ(answers_of(neighbour), 6'000u);
  for (Peer* const one : floods) EXPECT_EQ(answers_of(*one), 60'000u);
}

// Aim: who sends a burst and then the end of its stream is answered to the last PDU. Method: more
// than a turn's work, and the FIN behind it.
TEST(Fairness, ABurstAndAnEnd) {
  World world(two_accounts());
  Peer& peer = world.bound("esme");
  world.turn(0, [&](Shard& at) {
    at.on_bytes(peer.link, as_octets(enquire_links(3'000)));
    at.on_hangup(peer.link, false);
  });
  world.settle();
  unsigned answers = 0;
  while (peer.next()) ++answers;
  EXPECT_EQ(answers, 3'000u);
  EXPECT_TRUE(peer.released);
}

// Aim: what has arrived is read before a timer ends a session, and that cannot be stretched.
// Method: a bound peer whose answer to our enquire_link lies unread, for longer than it may; then
// one that always has something unread.
TEST(Fairness, ReadBeforeTimersSpeak) {
  WorldOptions options = two_accounts();
  options.limits.enquire_link = milliseconds(300);
  options.limits.response = milliseconds(600);
  World world(options);
  Peer& peer = world.bound("esme");
  world.advance(milliseconds(310));
  ASSERT_TRUE(peer.next());  // our enquire_link
  world.unread.insert(peer.link.value);
  world.now.mono += seconds(60);  // The process stood still.
  world.turn(0);
  world.settle();
  EXPECT_FALSE(peer.close_asked);
  world.unread.clear();
  world.write(peer, pdu(Command::enquire_link_resp, 1, Status::ESME_ROK, ""));
  world.advance(milliseconds(310));
  EXPECT_FALSE(peer.close_asked);

  // Whoever has been waited for and has answered is waited for again.
  for (std::uint32_t pause = 2; pause <= 4; ++pause) {
    const auto asked = peer.next();
    ASSERT_TRUE(asked.has_value());
    world.unread.insert(peer.link.value);
    world.now.mono += milliseconds(1'200);
    world.turn(0);
    world.settle();
    EXPECT_FALSE(peer.close_asked) << "pause " << pause;
    world.unread.clear();
    world.write(peer,
                pdu(Command::enquire_link_resp, asked->sequence_number(), Status::ESME_ROK, ""));
    world.advance(milliseconds(310));
  }

  Peer& dribbler = world.connect();
  world.unread.insert(dribbler.link.value);
  world.advance(seconds(13));
  EXPECT_TRUE(dribbler.released) << "session_init and its grace are over";
}

}  // namespace
}  // namespace ringgate::test
