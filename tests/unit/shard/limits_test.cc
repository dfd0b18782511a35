// What an account may send: how much, by which bind and listener, from whom and to whom.
#include <gtest/gtest.h>

#include "policy/listener_terms.h"
#include "shard_world.h"

namespace ringgate::test {
namespace {

using smpp::Command;

std::string submit(std::string_view source, std::string_view destination) {
  smpp::ShortMessage body;
  body.source_addr_ton = 5;
  body.source_addr = source;
  body.destination_addr = destination;
  return encoded(Command::submit_sm, 1, body);
}

class SubmitRules : public testing::Test {
 protected:
  void make(const std::function<void(AccountOptions&)>& change, unsigned shards = 1) {
    options_ = one_account();
    change(options_.accounts[0]);
    options_.shards = shards;
    world_.emplace(options_);
  }
  void change(const std::function<void(AccountOptions&)>& what) {
    what(options_.accounts[0]);
    world_->change_accounts(options_.accounts);
    world_->adopt_all();
  }
  Status send(Peer& peer, const std::string& octets = submit_pdu(1, 0)) {
    world_->write(peer, octets);
    return World::answer_of(peer);
  }
  /// How many of so many submits are accepted.
  unsigned accepted(Peer& peer, unsigned count) {
    unsigned out = 0;
    for (unsigned i = 0; i < count; ++i)
      if (send(peer) == Status::ESME_ROK) ++out;
    return out;
  }

  WorldOptions options_;
  std::optional<World> world_;
};

TEST_F(SubmitRules, RateOfEachBind) {
  make([](AccountOptions& account) {
    account.bind_rate = 2;
    account.bind_rate_status = Status::ESME_RMSGQFUL;
    account.rate = 3;
    account.rate_status = Status::ESME_RSYSERR;
  });
  Peer& one = world_->bound("esme");
  Peer& other = world_->bound("esme");
  EXPECT_EQ(accepted(one, 2), 2U);
  EXPECT_EQ(send(one), Status::ESME_RMSGQFUL);
  EXPECT_EQ(send(other), Status::ESME_ROK);
  EXPECT_EQ(send(other), Status::ESME_RSYSERR) << "the account's";
  EXPECT_EQ(world_->counters().submits_over_rate.get(), 2U);
  EXPECT_EQ(world_->counters().submits_throttled.get(), 0U) << "nobody was told so";
  world_->advance(seconds(1));
  EXPECT_EQ(accepted(one, 5), 2U);
}

TEST_F(SubmitRules, RateOfTheListener) {
  ListenOptions listen;
  listen.rate = 2;
  listen.rate_status = Status::ESME_RX_T_APPN;
  const ListenerTerms terms(listen);
  make([](AccountOptions&) {}, 2);
  Peer& one = world_->connect(0, "a", &terms);
  Peer& other = world_->connect(1, "b", &terms);
  Peer& elsewhere = world_->connect(1, "c");
  for (Peer* const peer : {&one, &other, &elsewhere})
    EXPECT_EQ(world_->bind(*peer, Command::bind_transceiver, "esme"), Status::ESME_ROK);
  EXPECT_EQ(accepted(one, 1) + accepted(other, 1), 2U);
  EXPECT_EQ(send(one), Status::ESME_RX_T_APPN);
  EXPECT_EQ(send(other), Status::ESME_RX_T_APPN);
  EXPECT_EQ(accepted(elsewhere, 5), 5U);
}

TEST_F(SubmitRules, AListenerPaces) {
  ListenOptions listen;
  listen.rate = 2;
  listen.burst = 1;
  listen.over_rate = OverRate::pace;
  const ListenerTerms terms(listen);
  make([](AccountOptions&) {});
  Peer& peer = world_->connect(0, "a", &terms);
  EXPECT_EQ(world_->bind(peer, Command::bind_transceiver, "esme"), Status::ESME_ROK);
  world_->write(peer, submit_pdu(1, 0) + submit_pdu(2, 0) + submit_pdu(3, 0));
  EXPECT_EQ(world_->backend.held.size(), 1U);
  world_->advance(milliseconds(500));
  EXPECT_EQ(world_->backend.held.size(), 2U);
  world_->advance(milliseconds(500));
  EXPECT_EQ(world_->backend.held.size(), 3U);
}

// Aim: a day's quota is one for all shards, and begins again at midnight; the minute's does so each
// minute.
TEST_F(SubmitRules, Quotas) {
  make(
      [](AccountOptions& account) {
        account.minute_quota = 3;
        account.day_quota = 5;
        account.day_quota_status = Status::ESME_RMSGQFUL;
      },
      2);
  world_->set_clock(1'700'092'800 - 3'600 - world_->now.wall_s);  // an hour before midnight
  Peer& one = world_->bound("esme", 0);
  Peer& other = world_->bound("esme", 1);
  EXPECT_EQ(accepted(one, 2) + accepted(other, 2), 3U);
  EXPECT_EQ(send(one), Status::ESME_RTHROTTLED);
  world_->set_clock(60);
  EXPECT_EQ(accepted(one, 2), 2U);
  EXPECT_EQ(send(other), Status::ESME_RMSGQFUL);
  EXPECT_EQ(world_->counters(1).submits_over_quota.get(), 2U);
  world_->set_clock(3'600);
  EXPECT_EQ(accepted(other, 5), 3U) << "after midnight";
}

// Aim: what was used stays used when accounts are loaded anew, whatever becomes of the quota.
TEST_F(SubmitRules, QuotasSurviveAReload) {
  make([](AccountOptions& account) { account.day_quota = 4; });
  Peer& peer = world_->bound("esme");
  EXPECT_EQ(accepted(peer, 3), 3U);
  change([](AccountOptions& account) { account.rate = 100; });
  EXPECT_EQ(accepted(peer, 3), 1U);
  change([](AccountOptions& account) { account.day_quota = 6; });
  EXPECT_EQ(accepted(peer, 3), 2U);
  change([](AccountOptions& account) { account.day_quota = 0; });
  EXPECT_EQ(accepted(peer, 3), 3U);
}

// Aim: limits that a bind did not have when it bound hold for it as well.
TEST_F(SubmitRules, LimitsComeLater) {
  make([](AccountOptions&) {});
  Peer& peer = world_->bound("esme");
  EXPECT_EQ(accepted(peer, 3), 3U);
  change([](AccountOptions& account) { account.sources = {"ACME"}; });
  EXPECT_EQ(send(peer), Status::ESME_RINVSRCADR);
  change([](AccountOptions& account) { account.sources.clear(); });
  EXPECT_EQ(send(peer), Status::ESME_ROK);
}

// Aim: the first part of a long message takes from the quota for all of them, or is refused.
TEST_F(SubmitRules, LongMessagesAsAWhole) {
  make([](AccountOptions& account) { account.day_quota = 4; });
  Peer& peer = world_->bound("esme");
  const auto part = [](char reference, char number) {
    smpp::ShortMessage body;
    body.source_addr = "447700900001";
    body.destination_addr = "447700900002";
    body.esm_class = 0x40;
    const std::string text = std::string("\x05\x00\x03", 3) + reference + '\x03' + number + "hello";
    body.short_message = as_octets(text);
    return encoded(Command::submit_sm, 1, body);
  };
  EXPECT_EQ(send(peer, part('a', 1)), Status::ESME_ROK);
  EXPECT_EQ(send(peer, part('b', 1)), Status::ESME_RTHROTTLED) << "one is left";
  EXPECT_EQ(send(peer), Status::ESME_ROK);
  EXPECT_EQ(send(peer), Status::ESME_RTHROTTLED);
  EXPECT_EQ(send(peer, part('a', 2)), Status::ESME_ROK) << "paid for";
  EXPECT_EQ(send(peer, part('a', 3)), Status::ESME_ROK);
  EXPECT_EQ(send(peer, part('a', 3)), Status::ESME_RTHROTTLED);
}

TEST_F(SubmitRules, Sources) {
  make([](AccountOptions& account) {
    account.sources = {"5/0 ACME", "4477*", "/BANK[0-9]{2}/"};
    account.rate = 100;
  });
  Peer& peer = world_->bound("esme");
  for (const char* const good : {"ACME", "447700900001", "BANK42"})
    EXPECT_EQ(send(peer, submit(good, "441")), Status::ESME_ROK) << good;
  for (const char* const bad : {"acme", "ACME2", "44", "BANK4", "XBANK42", ""})
    EXPECT_EQ(send(peer, submit(bad, "441")), Status::ESME_RINVSRCADR) << bad;
  EXPECT_EQ(world_->counters().submits_source_refused.get(), 6U);
  EXPECT_EQ(world_->counters().submits_refused.get(), 6U);
}

TEST_F(SubmitRules, Destinations) {
  make([](AccountOptions& account) {
    account.destinations = {"44", "49*"};
    account.denied_destinations = {"4490"};
  });
  Peer& peer = world_->bound("esme");
  EXPECT_EQ(send(peer, submit("A", "447700900001")), Status::ESME_ROK);
  EXPECT_EQ(send(peer, submit("A", "4915112345678")), Status::ESME_ROK);
  EXPECT_EQ(send(peer, submit("A", "449012345678")), Status::ESME_RINVDSTADR);
  EXPECT_EQ(send(peer, submit("A", "331")), Status::ESME_RINVDSTADR);
  EXPECT_EQ(world_->counters().submits_destination_refused.get(), 2U);
}

// Aim: of a submit_multi, those destinations fail that it may not go to, and no others.
TEST_F(SubmitRules, DestinationsOfSubmitMulti) {
  make([](AccountOptions& account) { account.denied_destinations = {"4490"}; });
  Peer& peer = world_->bound("esme");
  std::string body("\0\0\0A\0\x02", 6);
  for (const char* const one : {"4477", "4490"})
    body.append("\x01\x01\x01", 3).append(one).append(1, '\0');
  body.append(5, '\0').append(1, '\0').append(3, '\0').append("\x05hello");
  world_->write(peer, pdu(Command::submit_multi, 9, Status::ESME_ROK, body));
  ASSERT_EQ(world_->backend.held.size(), 1U);
  EXPECT_EQ(world_->backend.held[0].destination, "4477");
  const auto answer = peer.next();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status(), Status::ESME_ROK);
  EXPECT_NE(answer->body.find("4490"), std::string::npos);
  EXPECT_EQ(world_->counters().submits_destination_refused.get(), 1U);
}

// Aim: a paced account does not gain by binding again.
TEST_F(SubmitRules, PacedOverBinds) {
  make([](AccountOptions& account) {
    account.rate = 1;
    account.burst = 1;
    account.over_rate = OverRate::pace;
  });
  for (int i = 0; i < 5; ++i) {
    Peer& peer = world_->bound("esme");
    world_->write(peer, submit_pdu(1, 0));
    world_->drop(peer);
  }
  EXPECT_EQ(world_->backend.held.size(), 1U);
  Peer& peer = world_->bound("esme");
  world_->write(peer, submit_pdu(1, 0));
  world_->advance(seconds(2));
  EXPECT_EQ(world_->backend.held.size(), 2U);
}

// Aim: a rate that was not there for a while has forgotten what was used of it.
TEST_F(SubmitRules, ARateComesBack) {
  const auto slow = [](AccountOptions& account) {
    account.rate = account.bind_rate = 0.001;
    account.burst = account.bind_burst = 2;
  };
  make(slow);
  Peer& peer = world_->bound("esme");
  EXPECT_EQ(accepted(peer, 5), 2U);
  change([](AccountOptions& account) {
    account.rate = account.bind_rate = 0;
    account.burst = account.bind_burst = 0;
  });
  EXPECT_EQ(accepted(peer, 5), 5U);
  change(slow);
  EXPECT_EQ(accepted(peer, 5), 2U);
}

// Aim: what becomes no message takes nothing from a quota: what finds no place, what was submitted
// before, and destinations it may not go to.
TEST_F(SubmitRules, OnlyMessagesCount) {
  make([](AccountOptions& account) {
    account.day_quota = 4;
    account.max_open = 1;
    account.denied_destinations = {"4490"};
    account.resubmit_window_s = 60;
  });
  world_->backend.outcome = {MessageState::delivered, 0};
  Peer& peer = world_->bound("esme");
  EXPECT_EQ(send(peer, submit_pdu(1, 1)), Status::ESME_ROK);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(send(peer, submit_pdu(1, 1)), Status::ESME_RMSGQFUL);
  world_->report(world_->backend.held[0]);
  std::string body("\0\0\0A\0\x03", 6);
  for (int i = 0; i < 3; ++i) body.append("\x01\x01\x01", 3).append("4490").append(1, '\0');
  body.append(5, '\0').append(1, '\0').append(3, '\0').append("\x05hello");
  for (int i = 0; i < 10; ++i) {
    world_->write(peer, pdu(Command::submit_multi, 9, Status::ESME_ROK, body));
    while (peer.next()) {
    }
  }
  EXPECT_EQ(world_->directory().at(0).state->quotas[1].get().used, 1U);
}

// Aim: what may not go at all takes nothing from a limit.
TEST_F(SubmitRules, RefusedAddressesCostNothing) {
  make([](AccountOptions& account) {
    account.day_quota = 1;
    account.sources = {"ACME"};
  });
  Peer& peer = world_->bound("esme");
  for (int i = 0; i < 5; ++i) EXPECT_EQ(send(peer), Status::ESME_RINVSRCADR);
  EXPECT_EQ(send(peer, submit("ACME", "441")), Status::ESME_ROK);
}

// Aim: a password of more than eight characters is malformed, unless an account may have one; and
// then it is right for no other.
TEST_F(SubmitRules, LongPasswords) {
  make([](AccountOptions&) {});
  EXPECT_EQ(world_->bind(world_->connect(), Command::bind_transceiver, "esme", "123456789"),
            Status::ESME_RINVPASWD);
  change([](AccountOptions& account) {
    account.quirks.long_passwords = true;
    account.password = "a long password";
  });
  EXPECT_EQ(world_->bind(world_->connect(), Command::bind_transceiver, "esme", "a long password"),
            Status::ESME_ROK);
  EXPECT_EQ(world_->bind(world_->connect(), Command::bind_transceiver, "esme", "a long passwore"),
            Status::ESME_RBINDFAIL);
  EXPECT_EQ(world_->bind(world_->connect(), Command::bind_transceiver, "nobody", "a long password"),
            Status::ESME_RBINDFAIL);
  EXPECT_EQ(
      world_->bind(world_->connect(), Command::bind_transceiver, "esme", std::string(65, 'x')),
      Status::ESME_RINVPASWD);
}

}  // namespace
}  // namespace ringgate::test
