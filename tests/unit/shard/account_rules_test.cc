// What an account asks of a bind beside its password: where it comes from, how, and by which of two
// passwords.
#include <gtest/gtest.h>

#include "../silent_channel.h"
#include "shard_world.h"

namespace ringgate::test {
namespace {

using smpp::Command;
using Verdict = io::PasswordVerdict;

/// TLS that was agreed on, by a client that has shown a certificate.
class Shown final : public SilentChannel {
 public:
  explicit Shown(std::vector<std::string> names) : names_(std::move(names)) {}
  std::string_view terms() const override { return "TLSv1.3 X"; }
  const std::vector<std::string>& names() const override { return names_; }

 private:
  const std::vector<std::string> names_;
};

class AccountRules : public testing::Test {
 protected:
  void make(const std::function<void(AccountOptions&)>& change) {
    WorldOptions options = one_account();
    change(options.accounts[0]);
    world_.emplace(options);
  }
  Peer& connect(const char* from = "192.0.2.1:1") { return world_->connect(0, from); }
  /// By a listener with TLS; `names` of the client's certificate.
  Peer& connect_secured(std::vector<std::string> names = {}) {
    Peer& peer = connect();
    const Shown channel(std::move(names));
    world_->turn(0, [&](Shard& at) {
      at.expect_security(peer.link);
      at.on_secured(peer.link, channel);
    });
    return peer;
  }
  Status bind(Peer& peer, const std::string& password = "secret") {
    return world_->bind(peer, Command::bind_transceiver, "esme", password);
  }

  std::optional<World> world_;
};

// Aim: an account that must use TLS binds by TLS, and in no other way.
TEST_F(AccountRules, TlsRequired) {
  make([](AccountOptions& account) { account.tls = TlsDemand::required; });
  EXPECT_EQ(bind(connect()), Status::ESME_RBINDFAIL);
  EXPECT_EQ(world_->counters().binds_insecure.get(), 1U);
  EXPECT_EQ(bind(connect_secured()), Status::ESME_ROK);
}

// Aim: a listener with TLS takes no binds in plain, whatever the account says.
TEST_F(AccountRules, PlainOnATlsListener) {
  make([](AccountOptions&) {});
  Peer& peer = connect();
  world_->turn(0, [&](Shard& at) { at.expect_security(peer.link); });
  EXPECT_EQ(bind(peer), Status::ESME_RBINDFAIL);
  EXPECT_EQ(world_->counters().binds_insecure.get(), 1U);
}

// Aim: with a certificate's name the password alone is not enough, nor is the certificate.
TEST_F(AccountRules, Certificate) {
  make([](AccountOptions& account) { account.certificate = "bank.example"; });
  EXPECT_EQ(bind(connect()), Status::ESME_RBINDFAIL);
  EXPECT_EQ(bind(connect_secured()), Status::ESME_RBINDFAIL);
  EXPECT_EQ(bind(connect_secured({"bank.example.org", "bank"})), Status::ESME_RBINDFAIL);
  EXPECT_EQ(bind(connect_secured({"bank", "bank.example"}), "wrong"), Status::ESME_RBINDFAIL);
  EXPECT_EQ(bind(connect_secured({"bank", "bank.example"})), Status::ESME_ROK);
}

// Aim: only from its networks, and who guesses from elsewhere learns nothing of the password.
TEST_F(AccountRules, Networks) {
  make([](AccountOptions& account) { account.networks = {"192.0.2.0/24", "2001:db8::/32"}; });
  EXPECT_EQ(bind(connect("192.0.2.77:9")), Status::ESME_ROK);
  EXPECT_EQ(bind(connect("[2001:db8::5]:9")), Status::ESME_ROK);
  EXPECT_EQ(bind(connect("[::ffff:192.0.2.5]:9")), Status::ESME_ROK);
  for (const char* password : {"secret", "wrong"})
    EXPECT_EQ(bind(connect("192.0.3.1:9"), password), Status::ESME_RBINDFAIL);
}

// Aim: an account whose submits are off binds, and is told of each that it may not.
TEST_F(AccountRules, SubmitsOff) {
  make([](AccountOptions& account) { account.submits = false; });
  Peer& peer = connect();
  ASSERT_EQ(bind(peer), Status::ESME_ROK);
  world_->write(peer, submit_pdu(2));
  EXPECT_EQ(peer.next()->status(), Status::ESME_RSUBMITFAIL);
}

// Aim: of two plain passwords each is right; of none is the empty one.
TEST_F(AccountRules, TwoPlainPasswords) {
  make([](AccountOptions& account) { account.next_password = "coming"; });
  EXPECT_EQ(bind(connect(), "secret"), Status::ESME_ROK);
  EXPECT_EQ(bind(connect(), "coming"), Status::ESME_ROK);
  for (const char* wrong : {"", "secretc", "com", "comings"})
    EXPECT_EQ(bind(connect(), wrong), Status::ESME_RBINDFAIL) << wrong;
}

/// "two" has two hashes, "one" has one, "plain" none.
class TwoHashes : public AccountRules {
 protected:
  TwoHashes() {
    WorldOptions options;
    options.accounts = {account("two"), account("one"), account("plain")};
    options.accounts[0].password.clear();
    options.accounts[0].password_hash = "$y$old";
    options.accounts[0].next_password_hash = "$y$new";
    options.accounts[1].password.clear();
    options.accounts[1].password_hash = "$y$one";
    world_.emplace(options);
  }
  /// The questions that a bind asks, each answered by whether `hash` is the right one.
  Status ask(const std::string& system_id, const std::string& hash, std::size_t& questions) {
    Peer& peer = connect();
    const std::size_t before = world_->questions.size();
    world_->write(peer, bind_pdu(Command::bind_transceiver, system_id, "word"));
    for (std::size_t at = before; at < world_->questions.size(); ++at) {
      const io::PasswordQuestion question = world_->questions[at];
      const bool right = !question.decoy && question.hash == hash;
      world_->answer(question, right ? Verdict::right : Verdict::wrong);
    }
    questions = world_->questions.size() - before;
    const auto answer = peer.next();
    return answer ? answer->status() : Status::ESME_RUNKNOWNERR;
  }
};

// Aim: either password lets in; a wrong one costs as many comparisons whoever is asked for, so that
// time tells neither who there is nor who changes passwords.
TEST_F(TwoHashes, EitherOfThem) {
  std::size_t questions = 0;
  EXPECT_EQ(ask("two", "$y$old", questions), Status::ESME_ROK);
  EXPECT_EQ(questions, 1U);
  EXPECT_EQ(ask("two", "$y$new", questions), Status::ESME_ROK);
  EXPECT_EQ(questions, 2U);
  for (const char* system_id : {"two", "one", "plain", "nobody"}) {
    EXPECT_EQ(ask(system_id, "$y$none", questions), Status::ESME_RBINDFAIL) << system_id;
    EXPECT_EQ(questions, 2U) << system_id;
  }
}

// Aim: what is known of one password says nothing of the other: a plain one that was right is not
// remembered as a hashed one, and the one that let in is the one that is held.
TEST_F(TwoHashes, Known) {
  world_->passwords_known.insert("two/$y$new/word");
  std::size_t questions = 0;
  EXPECT_EQ(ask("two", "", questions), Status::ESME_ROK);
  EXPECT_EQ(questions, 0U);
  EXPECT_EQ(world_->passwords_held.at(world_->digests.at("two/$y$new/word")), 1U);

  WorldOptions mixed = one_account();
  mixed.accounts[0].password.clear();
  mixed.accounts[0].password_hash = "$y$old";
  mixed.accounts[0].next_password = "word";
  world_.emplace(mixed);
  Peer& peer = connect();
  EXPECT_EQ(bind(peer, "word"), Status::ESME_ROK);
  EXPECT_EQ(world_->passwords_held.at(world_->digests.at("esme//word")), 1U);
}

}  // namespace
}  // namespace ringgate::test
