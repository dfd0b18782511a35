// Binds and what it takes to be believed; what the pool of passwords does is in
// unit/runtime/password_*_test.cc.
#include <gtest/gtest.h>

#include "shard_world.h"

namespace ringgate::test {
namespace {

using smpp::Command;
using Verdict = io::PasswordVerdict;

constexpr const char* some_hash = "$y$some$hash";

/// "plain" has a plain password, "hashed" a hash; both accept "secret" (the pool is the test).
WorldOptions plain_and_hashed() {
  WorldOptions out;
  out.accounts = {account("plain"), account("hashed")};
  out.accounts[1].password.clear();
  out.accounts[1].password_hash = some_hash;
  return out;
}

class Credentials : public testing::Test {
 protected:
  Peer& ask(const std::string& system_id, const std::string& password,
            const char* from = "192.0.2.1:1") {
    Peer& peer = world_.connect(0, from);
    world_.write(peer, bind_pdu(Command::bind_transceiver, system_id, password));
    return peer;
  }
  static Status status_of(Peer& peer) {
    const auto answer = peer.next();
    return answer ? answer->status() : Status::ESME_RUNKNOWNERR;
  }
  /// A bind whose question, if there is one, is answered like that.
  Status bind(const std::string& system_id, const std::string& password,
              Verdict verdict = Verdict::wrong, const char* from = "192.0.2.1:1") {
    const std::size_t before = world_.questions.size();
    Peer& peer = ask(system_id, password, from);
    if (world_.questions.size() != before)
      world_.answer(io::PasswordQuestion(world_.questions.back()), verdict);
    return status_of(peer);
  }

  World world_{[] {
    WorldOptions out = plain_and_hashed();
    out.connections_max = 4'096;
    return out;
  }()};
};

// Aim: an answer is for the question that the connection waits for, and for no other: not one of
// before, not one of another connection, whatever the link is called. Method: answers with every
// other number, then the right one.
TEST_F(Credentials, LateAnswers) {
  Peer& first = ask("hashed", "secret");
  Peer& second = ask("hashed", "wrong");
  ASSERT_EQ(world_.questions.size(), 2U);
  auto late = world_.questions[0];
  late.link = second.link;
  world_.answer(late, Verdict::right);
  late.question = 0;
  world_.answer(late, Verdict::right);
  late.question = world_.questions[1].question + 1;
  world_.answer(late, Verdict::right);
  EXPECT_FALSE(second.next().has_value());
  world_.answer(world_.questions[1], Verdict::wrong);
  EXPECT_EQ(status_of(second), Status::ESME_RBINDFAIL);
  EXPECT_FALSE(first.next().has_value());
  world_.answer(world_.questions[0], Verdict::right);
  EXPECT_EQ(status_of(first), Status::ESME_ROK);
}

// Aim: no two questions of a shard have the same number, whatever becomes of the connections.
TEST_F(Credentials, QuestionsNeverRepeat) {
  std::set<std::uint64_t> seen;
  for (int i = 0; i < 300; ++i) {
    Peer& peer = ask("hashed", "secret");
    EXPECT_TRUE(seen.insert(world_.questions.back().question).second);
    world_.drop(peer);
  }
}

// Aim: names that nobody has, wrong plain passwords and wrong hashed ones all take the same way:
// one question, with a hash of the same kind; what comes back does not matter where there was
// nothing to compare. Method: each, with the verdict that would let it in.
TEST_F(Credentials, UnknownNamesAskThePool) {
  for (const char* system_id : {"nobody", "plain", ""}) {
    const std::size_t before = world_.questions.size();
    EXPECT_EQ(bind(system_id, "wrong", Verdict::right), Status::ESME_RBINDFAIL) << system_id;
    ASSERT_EQ(world_.questions.size(), before + 1) << system_id;
    EXPECT_EQ(world_.questions.back().hash, some_hash);
    EXPECT_EQ(world_.questions.back().account, system_id);
    EXPECT_TRUE(world_.questions.back().decoy);
  }
  EXPECT_EQ(bind("hashed", "wrong"), Status::ESME_RBINDFAIL);
  EXPECT_FALSE(world_.questions.back().decoy);
  EXPECT_EQ(world_.questions.back().address, "192.0.2.1");
  // A right plain password needs nobody's opinion.
  const std::size_t before = world_.questions.size();
  EXPECT_EQ(bind("plain", "secret"), Status::ESME_ROK);
  EXPECT_EQ(world_.questions.size(), before);
  EXPECT_EQ(world_.counters().passwords_asked.get(), before);
}

// Aim: where no account has a hash, all are answered at once.
TEST(CredentialsPlain, NoReference) {
  World world(one_account());
  for (const char* system_id : {"nobody", "esme"}) {
    Peer& peer = world.connect();
    EXPECT_EQ(world.bind(peer, Command::bind_transceiver, system_id, "wrong"),
              Status::ESME_RBINDFAIL);
  }
  EXPECT_TRUE(world.questions.empty());
}

// Aim: how an account may bind is told to those who know its password only. Method: a wrong one,
// then the right one.
TEST(CredentialsPlain, ModeBehindThePassword) {
  WorldOptions options = plain_and_hashed();
  options.accounts[1].bind_rx = false;
  options.accounts[1].quirks.wrong_credentials = Status::ESME_RINVPASWD;
  World world(options);
  for (const auto& [verdict, status] : {std::pair(Verdict::wrong, Status::ESME_RINVPASWD),
                                        std::pair(Verdict::right, Status::ESME_RBINDFAIL)}) {
    Peer& peer = world.connect();
    world.write(peer, bind_pdu(Command::bind_receiver, "hashed", "secret"));
    ASSERT_FALSE(world.questions.empty());
    world.answer(io::PasswordQuestion(world.questions.back()), verdict);
    EXPECT_EQ(peer.next()->status(), status);
  }
}

// Aim: a known pair is accepted at once, however full the pool is; a pair is held for as long as a
// bind with it lasts, also a plain one, and never for a bind that was refused.
TEST_F(Credentials, KnownPairs) {
  world_.passwords_full = true;
  EXPECT_EQ(bind("hashed", "secret"), Status::ESME_RBINDFAIL);
  world_.passwords_known.insert("hashed/" + std::string(some_hash) + "/secret");
  Peer& known = ask("hashed", "secret");
  EXPECT_EQ(status_of(known), Status::ESME_ROK);
  EXPECT_EQ(world_.counters().passwords_known.get(), 1U);
  Peer& plain = ask("plain", "secret");
  EXPECT_EQ(status_of(plain), Status::ESME_ROK);
  const auto held = [this] {
    unsigned sum = 0;
    for (const auto& [digest, count] : world_.passwords_held) sum += count;
    return sum;
  };
  EXPECT_EQ(held(), 2U);
  world_.write(known, pdu(Command::unbind, 2));
  EXPECT_EQ(held(), 1U);
  world_.drop(known);
  world_.drop(plain);
  EXPECT_EQ(held(), 0U);
}

// Aim: whoever gives way in the pool is refused, but has not guessed: that never blocks anybody.
TEST_F(Credentials, UncheckedIsNoGuess) {
  for (int i = 0; i < 30; ++i)
    EXPECT_EQ(bind("hashed", "secret", Verdict::unchecked), Status::ESME_RBINDFAIL);
  EXPECT_EQ(bind("hashed", "secret", Verdict::right), Status::ESME_ROK);
  EXPECT_EQ(world_.counters().binds_blocked.get(), 0U);
}

// Aim: after ten wrong passwords an address is no longer heard for that account: nobody is asked,
// also not when the password would be right. The account is reached from elsewhere, a pair that is
// known from there too, and in a minute all is forgiven. Method: plain, hashed and nobody's names.
TEST_F(Credentials, GuessesAreBlocked) {
  for (const char* system_id : {"plain", "hashed", "nobody"}) {
    SCOPED_TRACE(system_id);
    for (int i = 0; i < 10; ++i)
      EXPECT_EQ(bind(system_id, std::to_string(i)), Status::ESME_RBINDFAIL);
    const std::size_t asked = world_.questions.size();
    const std::uint64_t blocked = world_.counters().binds_blocked.get();
    for (int i = 0; i < 20; ++i) EXPECT_EQ(bind(system_id, "secret"), Status::ESME_RBINDFAIL);
    EXPECT_EQ(world_.questions.size(), asked);
    EXPECT_EQ(world_.counters().binds_blocked.get(), blocked + 20);
  }
  for (const char* system_id : {"plain", "hashed"}) {
    SCOPED_TRACE(system_id);
    EXPECT_EQ(bind(system_id, "secret", Verdict::right, "192.0.2.2:1"), Status::ESME_ROK);
    const std::string hash = system_id == std::string("plain") ? "" : some_hash;
    const std::string text = std::string(system_id) + "/" + hash + "/secret";
    world_.passwords_known.insert(text);
    EXPECT_EQ(bind(system_id, "secret"), Status::ESME_ROK);
    world_.passwords_known.clear();
    const std::size_t asked = world_.questions.size();
    EXPECT_EQ(bind(system_id, "wrong"), Status::ESME_RBINDFAIL);
    EXPECT_EQ(world_.questions.size(), asked);
  }
  world_.advance(seconds(60));
  EXPECT_EQ(bind("plain", "secret"), Status::ESME_ROK);
  EXPECT_EQ(bind("hashed", "secret", Verdict::right), Status::ESME_ROK);
}

// Aim: a refused connection ends after a second at first, later after a few, and never much later.
TEST_F(Credentials, RefusalsTakeLonger) {
  const Nanos delays[] = {seconds(1), seconds(1), seconds(1), seconds(1), seconds(1), seconds(2)};
  for (const Nanos delay : delays) {
    Peer& peer = ask("plain", "wrong");
    ASSERT_FALSE(world_.questions.empty());
    world_.answer(io::PasswordQuestion(world_.questions.back()), Verdict::wrong);
    world_.advance(delay - milliseconds(20));
    EXPECT_FALSE(peer.released);
    world_.advance(milliseconds(40));
    EXPECT_TRUE(peer.released);
  }
}

}  // namespace
}  // namespace ringgate::test
