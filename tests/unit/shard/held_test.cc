// Responses behind requests that wait: for a pace, a window, or a turn.
#include <gtest/gtest.h>

#include "shard_world.h"

namespace ringgate::test {
namespace {

using smpp::Command;

std::string deliver_resp(std::uint32_t sequence_number, std::size_t padding = 0) {
  return pdu(Command::deliver_sm_resp, sequence_number, Status::ESME_ROK,
             std::string(1 + padding, '\0'));
}

/// One account that may have one submit in hand, whose client has a receipt to answer and has sent
/// a submit that waits for its answer: everything it sends now is held.
struct HeldWorld {
  explicit HeldWorld(WorldOptions options = one_account())
      : world([&] {
          options.accounts[0].submit_window = 1;
          return options;
        }()) {
    peer = &world.bound("esme");
    world.write(*peer, submit_pdu(1));
    EXPECT_EQ(peer->next()->command(), Command::submit_sm_resp);
    world.report(world.backend.held[0]);
    const auto receipt = peer->next();
    EXPECT_EQ(receipt->command(), Command::deliver_sm);
    sequence = receipt->sequence_number();
    world.backend.answer.reset();
    world.write(*peer, submit_pdu(2, 0));
    EXPECT_EQ(world.backend.held.size(), 2U);
  }
  bool receipt_is_over() const { return world.backend.ended.size() == 1; }
  /// Answers what waits, one after the other; what the client is told of them all.
  std::vector<std::uint32_t> answer_all() {
    for (std::size_t i = 1; i < world.backend.held.size(); ++i)
      world.answer(FakeBackend::Held(world.backend.held[i]));
    std::vector<std::uint32_t> out;
    while (const auto one = peer->next()) out.push_back(one->sequence_number());
    return out;
  }

  World world;
  Peer* peer = nullptr;
  std::uint32_t sequence = 0;
};

// Aim: a full window holds up no response, wherever the stream is cut, and the requests around it
// are worked on once each and in order. Method: every cut, in two pieces and octet by octet.
TEST(Held, AFullWindowHoldsNoResponse) {
  const std::string before = submit_pdu(3, 0) + submit_pdu(4, 0), after = submit_pdu(5, 0);
  HeldWorld sample;
  const std::size_t whole = (before + deliver_resp(sample.sequence) + after).size();
  for (std::size_t cut = 0; cut <= whole; ++cut) {
    HeldWorld held;
    const std::string all = before + deliver_resp(held.sequence) + after;
    const std::uint64_t pdus_before = held.world.counters().pdus_in.get();
    if (cut == 0) {
      for (const char octet : all) held.world.write(*held.peer, std::string(1, octet));
    } else {
      held.world.write(*held.peer, all.substr(0, cut));
      if (cut < whole) held.world.write(*held.peer, all.substr(cut));
    }
    ASSERT_TRUE(held.receipt_is_over()) << cut;
    EXPECT_EQ(held.world.backend.held.size(), 2U);
    EXPECT_EQ(held.answer_all(), (std::vector<std::uint32_t>{2, 3, 4, 5})) << cut;
    EXPECT_EQ(held.world.counters().pdus_in.get() - pdus_before, 4U) << cut;
    EXPECT_FALSE(held.peer->close_asked);
  }
}

// Aim: nor does it matter where the memory of what is held ends. Method: submits before the
// response, up to a piece of memory and beyond, with texts of every length; and a response that is
// long.
TEST(Held, AResponseMayLieInTwoPieces) {
  for (std::size_t length = 0; length < 160; ++length) {
    HeldWorld held;
    std::string all;
    std::uint32_t last = 2;
    while (all.size() < ShardBudget::held_chunk_size - 100)
      all += submit_pdu(++last, 0, std::string(length, 'x'));
    all += deliver_resp(held.sequence, length % 3 * 400);
    all += submit_pdu(++last, 0);
    held.world.write(*held.peer, all);
    ASSERT_TRUE(held.receipt_is_over()) << length;
    EXPECT_EQ(held.answer_all().size(), last - 1) << length;
  }
}

// Aim: pacing holds up no response, also when it comes in one read with what begins the pause.
// Method: one submit a second; the answer lies between submits of which the first is taken at once.
TEST(Held, PacingHoldsNoResponse) {
  WorldOptions options = one_account();
  options.accounts[0].rate = 1;
  options.accounts[0].burst = 1;
  options.accounts[0].over_rate = OverRate::pace;
  World world(options);
  Peer& peer = world.bound("esme");
  world.write(peer, submit_pdu(1));
  peer.next();
  world.advance(seconds(2));
  world.report(world.backend.held[0]);
  const auto receipt = peer.next();
  ASSERT_TRUE(receipt);
  world.write(peer, submit_pdu(2, 0) + submit_pdu(3, 0) + deliver_resp(receipt->sequence_number()) +
                        submit_pdu(4, 0));
  EXPECT_EQ(world.backend.ended.size(), 1U);
  EXPECT_LT(world.backend.held.size(), 4U);
  world.advance(seconds(4));
  EXPECT_EQ(world.backend.held.size(), 4U);
}

// Aim: a client that answers enquire_link is never ended for the server's own pacing. Method: a
// submit every ten minutes and some waiting; the client answers each enquire_link behind them. Then
// so many waiting that nothing of it is read.
TEST(Held, PacedClientsLive) {
  WorldOptions options = one_account();
  options.accounts[0].rate = 1.0 / 600;
  options.accounts[0].burst = 1;
  options.accounts[0].over_rate = OverRate::pace;
  World world(options);
  Peer& peer = world.bound("esme");
  std::uint32_t last = 0;
  for (int i = 0; i < 3; ++i) world.write(peer, submit_pdu(++last, 0));
  unsigned asked = 0;
  for (int i = 0; i < 100; ++i) {
    world.advance(seconds(5));
    while (const auto one = peer.next()) {
      if (one->command() != Command::enquire_link) continue;
      ++asked;
      world.write(peer, pdu(Command::enquire_link_resp, one->sequence_number()));
    }
  }
  EXPECT_GT(asked, 2U);
  EXPECT_FALSE(peer.close_asked);
  std::string many;
  while (many.size() < 2 * held_backlog_max) many += submit_pdu(++last, 0);
  world.write(peer, many);
  EXPECT_TRUE(peer.paused);
  world.advance(seconds(1'000));
  EXPECT_FALSE(peer.close_asked);
}

// Aim: what is no PDU is left where it is, with all that follows; the session says so when it comes
// there. Method: an impossible length before a response.
TEST(Held, FramingIsLostInOrder) {
  for (const std::string& bad : {std::string("\0\0\0\x05", 4), std::string("\x7f\0\0\0", 4)}) {
    HeldWorld held;
    held.world.write(*held.peer,
                     submit_pdu(3, 0) + bad + std::string(16, '\0') + deliver_resp(held.sequence));
    EXPECT_FALSE(held.receipt_is_over());
    EXPECT_FALSE(held.peer->close_asked);
    held.world.answer(FakeBackend::Held(held.world.backend.held[1]));
    EXPECT_FALSE(held.peer->close_asked) << "a submit is in hand";
    held.world.answer(FakeBackend::Held(held.world.backend.held[2]));
    EXPECT_TRUE(held.peer->close_asked);
    std::vector<std::uint32_t> commands;
    while (const auto one = held.peer->next()) commands.push_back(one->header.command_id);
    EXPECT_EQ(commands, (std::vector<std::uint32_t>{0x80000004, 0x80000004, 0x80000000}));
  }
}

// Aim: an unbind_resp overtakes nothing. Method: the server unbinds while a submit waits; its
// refusal comes before the end.
TEST(Held, UnbindRespStaysInOrder) {
  HeldWorld held;
  held.world.write(*held.peer, submit_pdu(3, 0));
  held.world.turn(0, [](Shard& at) { at.start_shutdown(); });
  held.world.settle();
  const auto unbind = held.peer->next();
  ASSERT_TRUE(unbind);
  ASSERT_EQ(unbind->command(), Command::unbind);
  held.world.write(*held.peer, pdu(Command::unbind_resp, unbind->sequence_number()));
  EXPECT_FALSE(held.peer->close_asked);
  held.world.answer(FakeBackend::Held(held.world.backend.held[1]));
  EXPECT_EQ(held.peer->next()->sequence_number(), 2U);
  const auto refused = held.peer->next();
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->sequence_number(), 3U);
  EXPECT_TRUE(held.peer->close_asked);
}

// Aim: before the bind is decided nothing is taken out of order. Method: a hundred answers to
// nothing behind a bind whose password is being compared, and half of another.
TEST(Held, NothingBeforeTheBind) {
  WorldOptions options = one_account();
  options.accounts[0].password.clear();
  options.accounts[0].password_hash = "$y$some$hash";
  World world(options);
  Peer& peer = world.connect();
  std::string all = bind_pdu(Command::bind_transceiver, "esme", "secret");
  for (std::uint32_t i = 1; i <= 99; ++i) all += deliver_resp(i);
  world.write(peer, all + deliver_resp(100).substr(0, 9));
  EXPECT_FALSE(peer.close_asked);
  const std::uint64_t before = world.counters().pdus_in.get();
  ASSERT_EQ(world.questions.size(), 1U);
  world.answer(io::PasswordQuestion(world.questions[0]), io::PasswordVerdict::right);
  EXPECT_EQ(peer.next()->status(), Status::ESME_ROK);
  EXPECT_EQ(world.counters().pdus_in.get() - before, 99U);
  EXPECT_FALSE(peer.close_asked);
}

// Aim: late answers between requests that wait end no session, as they do not when nothing waits.
// Method: more answers to nothing than a session bears in a row, each behind a submit.
TEST(Held, LateAnswersBetweenRequests) {
  HeldWorld held;
  for (std::uint32_t i = 0; i < 150; ++i)
    held.world.write(*held.peer, submit_pdu(3 + i, 0) + deliver_resp(10'000 + i));
  EXPECT_FALSE(held.peer->close_asked);
  EXPECT_EQ(held.answer_all().size(), 151U);
}

// Aim: taking responses is work like any other: a crowd that is held and sends nothing else does
// not hold up a neighbour, and takes no memory. Method: ten floods of enquire_link_resp behind a
// submit that waits.
TEST(Held, ResponsesAreWork) {
  WorldOptions options = one_account();
  options.accounts[0].submit_window = 1;
  options.accounts.push_back(account("other"));
  World world(options);
  world.backend.answer.reset();
  std::vector<Peer*> floods;
  for (int i = 0; i < 10; ++i) {
    floods.push_back(&world.bound("esme"));
    world.write(*floods.back(), submit_pdu(1, 0) + submit_pdu(2, 0));
  }
  Peer& neighbour = world.bound("other");
  std::string flood;
  for (std::uint32_t i = 1; i <= 10'000; ++i) flood += pdu(Command::enquire_link_resp, i);
  const std::uint64_t before = world.counters().pdus_in.get();
  for (Peer* const one : floods)
    world.turn(0, [&](Shard& at) { at.on_bytes(one->link, as_octets(flood)); });
  EXPECT_LE(world.shard().deadline(), world.now.mono) << "there is more to do at once";
  world.turn(
      0, [&](Shard& at) { at.on_bytes(neighbour.link, as_octets(pdu(Command::enquire_link, 7))); });
  world.turn(0);  // Its octets are reported as gone.
  EXPECT_TRUE(neighbour.next());
  world.settle();
  EXPECT_EQ(world.counters().pdus_in.get() - before, 100'001U);
  EXPECT_LE(world.counters().turn_work_max.get(), std::uint64_t{TurnOrder::turn_work} + 1);
  for (Peer* const one : floods) EXPECT_FALSE(one->paused);
  EXPECT_GT(world.shard().deadline(), world.now.mono) << "nothing is left to do";
}

}  // namespace
}  // namespace ringgate::test
