// Aim: accounts change while messages flow, and each message, bind and receipt goes on as the new
// ones say, or as it was granted. Method: whole shards that are given the next roster, at different
// times where that matters.
#include <gtest/gtest.h>

#include "shard_world.h"

namespace ringgate::test {
namespace {

using smpp::Command;

WorldOptions with(std::vector<AccountOptions> accounts, unsigned shards = 1, bool journal = false) {
  WorldOptions out;
  out.accounts = std::move(accounts);
  out.shards = shards;
  out.journal = journal;
  return out;
}

AccountOptions disabled(std::string system_id) {
  AccountOptions out = account(std::move(system_id));
  out.enabled = false;
  return out;
}

/// The next PDU is that command.
bool gets(Peer& peer, Command command) {
  const auto pdu = peer.next();
  return pdu && pdu->command() == command;
}

TEST(Adopt, NewAccountsBind) {
  World world(with({account("a")}, 2));
  Peer& early = world.connect(1);
  EXPECT_EQ(world.bind(early, Command::bind_transceiver, "b"), Status::ESME_RBINDFAIL);
  world.change_accounts({account("a"), account("b")});
  world.adopt_all();
  Peer& peer = world.bound("b", 1);
  world.write(peer, submit_pdu(1));
  ASSERT_EQ(world.backend.held.size(), 1U);
  EXPECT_EQ(world.backend.held[0].system_id, "b");
  world.answer(world.backend.held[0]);
  EXPECT_EQ(peer.next()->status(), Status::ESME_ROK);
  world.report(world.backend.held[0]);
  EXPECT_TRUE(gets(peer, Command::deliver_sm));
}

// Aim: a shard that has the new roster may speak of an account that the other does not know yet;
// that one follows before it looks at the mail.
TEST(Adopt, MailOfANewAccount) {
  World world(with({account("a"), account("b")}, 2));
  world.hold_mail = true;
  world.change_accounts({account("a"), account("b"), account("c"), account("d")});
  world.adopt(0);
  Peer& peer = world.bound("d", 0);  // at home on shard 1
  world.adopt(1);
  world.hold_mail = false;
  world.settle();
  Peer& other = world.bound("d", 1, Command::bind_transmitter);
  world.write(other, submit_pdu(1));
  world.answer(world.backend.held[0]);
  world.report(world.backend.held[0]);
  EXPECT_TRUE(gets(peer, Command::deliver_sm)) << "home knows the bind on the other shard";
}

TEST(Adopt, ADisabledAccountIsUnboundAndKeepsWhatWaits) {
  World world(with({account("a"), account("b")}));
  Peer& peer = world.bound("a");
  Peer& other = world.bound("b");
  world.write(peer, submit_pdu(1));
  world.answer(world.backend.held[0]);
  EXPECT_EQ(peer.next()->status(), Status::ESME_ROK);

  world.change_accounts({disabled("a"), account("b")});
  world.adopt();
  const auto goodbye = peer.next();
  ASSERT_TRUE(goodbye);
  EXPECT_EQ(goodbye->command(), Command::unbind);
  world.write(peer, submit_pdu(2));
  EXPECT_EQ(peer.next()->status(), Status::ESME_RINVBNDSTS);
  world.write(peer, pdu(Command::unbind_resp, goodbye->sequence_number()));
  EXPECT_TRUE(peer.close_asked);
  EXPECT_FALSE(other.next().has_value());
  EXPECT_EQ(world.log.of("account disabled").size(), 1U);
  EXPECT_EQ(world.log.of("closed system_id=a")[0].find("cause=account_closed") != std::string::npos,
            true);

  world.report(world.backend.held[0]);
  Peer& again = world.connect();
  EXPECT_EQ(world.bind(again, Command::bind_transceiver, "a"), Status::ESME_RBINDFAIL);
  EXPECT_EQ(world.log.of("bind refused").size(), 1U);

  world.change_accounts({account("a"), account("b")});
  world.adopt();
  Peer& back = world.bound("a");
  world.settle();
  EXPECT_TRUE(gets(back, Command::deliver_sm)) << "its receipt has waited";
}

TEST(Adopt, ARemovedAccountComesBack) {
  World world(with({account("a"), account("b")}));
  world.backend.answer.reset();
  Peer& peer = world.bound("a");
  world.write(peer, submit_pdu(1));
  world.change_accounts({account("b"), account("c")});
  world.adopt();
  EXPECT_FALSE(peer.next()) << "a submit has no answer yet";
  // The backend does not know, and need not.
  world.answer(world.backend.held[0]);
  EXPECT_EQ(peer.next()->status(), Status::ESME_ROK);
  EXPECT_TRUE(gets(peer, Command::unbind));
  world.drop(peer);
  world.report(world.backend.held[0]);
  Peer& nobody = world.connect();
  EXPECT_EQ(world.bind(nobody, Command::bind_transceiver, "a"), Status::ESME_RBINDFAIL);
  EXPECT_EQ(world.directory().at(0).state->binds.all(), 0U);

  world.change_accounts({account("c"), account("a"), account("b")});
  world.adopt();
  Peer& back = world.bound("a");
  world.settle();
  EXPECT_TRUE(gets(back, Command::deliver_sm));
}

TEST(Adopt, RatesAndWindows) {
  AccountOptions slow = account("a");
  slow.rate = 0.001;
  slow.burst = 1;
  slow.over_rate = OverRate::pace;
  World world(with({slow}));
  world.backend.answer.reset();
  Peer& peer = world.bound("a");
  for (std::uint32_t i = 1; i <= 4; ++i) world.write(peer, submit_pdu(i));
  EXPECT_LT(world.backend.held.size(), 4U) << "the rest waits to be read";
  AccountOptions free = account("a");
  free.submit_window = 3;
  world.change_accounts({free});
  world.adopt();
  EXPECT_EQ(world.backend.held.size(), 3U) << "without a rate the window is what holds it";
  free.submit_window = 10;
  world.change_accounts({free});
  world.adopt();
  EXPECT_EQ(world.backend.held.size(), 4U);
}

TEST(Adopt, DeliverWindows) {
  AccountOptions narrow = account("a");
  narrow.deliver_window = 1;
  World world(with({narrow}));
  Peer& peer = world.bound("a");
  for (std::uint32_t i = 1; i <= 5; ++i) world.write(peer, submit_pdu(i));
  const auto submits = world.backend.held;
  for (const auto& one : submits) world.answer(one);
  while (peer.next()) {
  }
  for (const auto& one : submits) world.report(one);
  const auto first = peer.next();
  ASSERT_TRUE(first);
  EXPECT_FALSE(peer.next().has_value());
  narrow.deliver_window = 4;
  world.change_accounts({narrow});
  world.adopt();
  world.advance(seconds(1));
  EXPECT_TRUE(peer.next() && peer.next() && peer.next());
  EXPECT_FALSE(peer.next().has_value());
  narrow.deliver_window = 1;
  world.change_accounts({narrow});
  world.adopt();
  world.answer_deliver(peer, *first);
  world.advance(seconds(1));
  EXPECT_FALSE(peer.next().has_value()) << "three are out where one may be";
}

// Aim: whoever asks for a bind while his password changes is not let in by the old one.
TEST(Adopt, APasswordChangesWhileItIsCompared) {
  AccountOptions hashed = account("a");
  hashed.password.clear();
  hashed.password_hash = "$y$some$hash";
  World world(with({hashed}));
  Peer& peer = world.connect();
  world.write(peer, bind_pdu(Command::bind_transceiver, "a", "secret"));
  ASSERT_EQ(world.questions.size(), 1U);
  AccountOptions changed = hashed;
  changed.password_hash = "$y$another$hash";
  world.change_accounts({changed});
  world.adopt();
  const auto refused = peer.next();
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->status(), Status::ESME_RBINDFAIL);
  world.answer(world.questions[0], io::PasswordVerdict::right);
  EXPECT_EQ(world.directory().at(0).state->binds.all(), 0U);

  // A change of something else refuses nobody.
  Peer& other = world.connect();
  world.write(other, bind_pdu(Command::bind_transceiver, "a", "secret"));
  changed.submit_window = 7;
  world.change_accounts({changed});
  world.adopt();
  world.answer(world.questions[1], io::PasswordVerdict::right);
  EXPECT_EQ(other.next()->status(), Status::ESME_ROK);
}

// Aim: receipts look as the account has them now, and repeat no more than was kept of the text;
// least of all another message's.
TEST(Adopt, ReceiptTemplates) {
  World world(with({account("a")}));
  Peer& peer = world.bound("a");
  world.write(peer, submit_pdu(1));
  world.answer(world.backend.held[0]);
  peer.next();
  AccountOptions other = account("a");
  other.quirks.receipt_template = "all of it:{text:160}";
  world.change_accounts({other});
  world.adopt();
  world.report(world.backend.held[0]);
  const auto receipt = peer.next();
  ASSERT_TRUE(receipt);
  EXPECT_NE(receipt->body.find("all of it:"), std::string::npos);
}

// Aim: an operation that waits for the backend outlives the roster that it came with.
TEST(Adopt, OperationsUnderWay) {
  World world(with({account("a")}, 2));
  Peer& peer = world.bound("a");
  world.write(peer, submit_pdu(1));
  world.answer(world.backend.held[0]);
  peer.next();
  for (int i = 0; i < 3; ++i) {
    world.change_accounts({account("a"), account("n" + std::to_string(i))});
    world.adopt_all();
  }
  world.write(peer, submit_pdu(2));
  EXPECT_EQ(world.backend.held.back().system_id, "a");
}

// Aim: the journal names an account before it holds anything of it. Method: a new account's submit,
// in the batch that was being gathered when the account came.
TEST(Adopt, TheJournalHasTheNamesFirst) {
  World world(with({account("a")}, 1, true));
  world.bound("a");
  world.change_accounts({account("a"), account("fresh")});
  world.adopt();
  Peer& peer = world.bound("fresh");
  world.write(peer, submit_pdu(1));
  std::string octets;
  for (io::FileSlot file = 0; file < 4; ++file)
    octets.append(world.file(file).begin(), world.file(file).end());
  const std::size_t name = octets.find("fresh");
  const std::size_t text = octets.find("447700");
  ASSERT_NE(name, std::string::npos);
  ASSERT_NE(text, std::string::npos);
  EXPECT_LT(name, text);
}

}  // namespace
}  // namespace ringgate::test
