// A bind whose client is gone without a word keeps its place no longer than it takes to find out.
#include <gtest/gtest.h>

#include "shard_world.h"

namespace ringgate::test {
namespace {

using smpp::Command;

class Ghosts : public testing::Test {
 protected:
  void make(const std::function<void(AccountOptions&)>& change, unsigned shards = 1) {
    WorldOptions options = one_account();
    options.accounts[0].max_binds = 1;
    change(options.accounts[0]);
    options.shards = shards;
    world_.emplace(options);
  }
  void make(unsigned shards = 1) {
    make([](AccountOptions&) {}, shards);
  }
  Peer& come(const char* from, unsigned shard = 0, Command how = Command::bind_transceiver) {
    Peer& peer = world_->connect(shard, from);
    world_->write(peer, bind_pdu(how, "esme", "secret"));
    return peer;
  }
  static Status answer(Peer& peer) { return World::answer_of(peer); }
  /// What it is asked, if anything.
  static bool is_asked(Peer& peer) {
    const auto request = peer.next();
    return request && request->command() == Command::enquire_link;
  }
  void live(Peer& peer) { world_->write(peer, pdu(Command::enquire_link_resp, 1)); }
  static constexpr Status waits = Status::ESME_RUNKNOWNERR;

  std::optional<World> world_;
};

TEST_F(Ghosts, ADeadBindGivesItsPlace) {
  make();
  Peer& old = come("192.0.2.1:1");
  EXPECT_EQ(answer(old), Status::ESME_ROK);
  Peer& next = come("192.0.2.1:2");
  EXPECT_TRUE(is_asked(old));
  EXPECT_EQ(answer(next), waits);
  world_->advance(milliseconds(1'900));
  EXPECT_EQ(answer(next), waits);
  EXPECT_FALSE(old.close_asked);
  world_->advance(milliseconds(200));
  EXPECT_TRUE(old.close_asked);
  EXPECT_EQ(answer(next), Status::ESME_ROK);
  EXPECT_EQ(world_->counters().binds_replaced.get(), 1U);
  EXPECT_EQ(world_->counters().binds_open.get(), 1U);
  // It is a bind as any other.
  world_->write(next, submit_pdu(7));
  EXPECT_EQ(answer(next), Status::ESME_ROK);
}

TEST_F(Ghosts, ALivingBindStays) {
  make();
  Peer& old = come("192.0.2.1:1");
  EXPECT_EQ(answer(old), Status::ESME_ROK);
  Peer& next = come("192.0.2.1:2");
  EXPECT_TRUE(is_asked(old));
  live(old);
  world_->advance(seconds(2));
  EXPECT_EQ(answer(next), waits);
  world_->advance(milliseconds(300));
  EXPECT_EQ(answer(next), Status::ESME_RBINDFAIL);
  EXPECT_FALSE(old.close_asked);
  EXPECT_EQ(world_->counters().binds_replaced.get(), 0U);
}

// Aim: whatever an old bind says shows that it lives.
TEST_F(Ghosts, AnyWordWillDo) {
  make();
  Peer& old = come("192.0.2.1:1");
  EXPECT_EQ(answer(old), Status::ESME_ROK);
  come("192.0.2.1:2");
  EXPECT_TRUE(is_asked(old));
  world_->advance(seconds(1));
  world_->write(old, submit_pdu(9));
  world_->advance(seconds(10));
  EXPECT_FALSE(old.close_asked);
}

// Aim: who has spoken since he was asked is asked anew by the next hunt, and has as much time as
// before; who has not is given no more by it.
TEST_F(Ghosts, EveryHuntGivesItsTime) {
  make();
  Peer& old = come("192.0.2.1:1");
  EXPECT_EQ(answer(old), Status::ESME_ROK);
  come("192.0.2.1:2");
  EXPECT_TRUE(is_asked(old));
  world_->advance(seconds(1));
  world_->write(old, submit_pdu(9));
  world_->advance(milliseconds(900));
  come("192.0.2.1:3");
  world_->advance(milliseconds(1'500));
  come("192.0.2.1:4");
  EXPECT_FALSE(old.close_asked) << "2.4 s after the first, 1.5 s after the second";
  world_->advance(milliseconds(700));
  EXPECT_TRUE(old.close_asked);
}

// Aim: a bind from elsewhere is nobody's to replace, and its next one is refused without a delay.
TEST_F(Ghosts, OnlyFromTheSameAddress) {
  make();
  Peer& old = come("192.0.2.1:1");
  EXPECT_EQ(answer(old), Status::ESME_ROK);
  EXPECT_EQ(answer(come("192.0.2.2:1")), Status::ESME_RBINDFAIL);
  EXPECT_FALSE(is_asked(old));
}

TEST_F(Ghosts, SwitchedOff) {
  WorldOptions options = one_account();
  options.accounts[0].max_binds = 1;
  options.ghost_probe = 0;
  world_.emplace(options);
  Peer& old = come("192.0.2.1:1");
  EXPECT_EQ(answer(old), Status::ESME_ROK);
  EXPECT_EQ(answer(come("192.0.2.1:2")), Status::ESME_RBINDFAIL);
  EXPECT_FALSE(is_asked(old));
}

// Aim: a place that becomes free in another way is taken at once.
TEST_F(Ghosts, AnyPlaceWillDo) {
  make();
  Peer& old = come("192.0.2.1:1");
  EXPECT_EQ(answer(old), Status::ESME_ROK);
  Peer& next = come("192.0.2.1:2");
  EXPECT_EQ(answer(next), waits);
  world_->drop(old);
  world_->advance(milliseconds(100));
  EXPECT_EQ(answer(next), Status::ESME_ROK);
  EXPECT_EQ(world_->counters().binds_replaced.get(), 0U);
}

// Aim: the maxima of a mode and of an address are asked for in the same way.
TEST_F(Ghosts, OfAMode) {
  make([](AccountOptions& account) {
    account.max_binds = 0;
    account.max_binds_tx = 1;
  });
  Peer& old = come("192.0.2.1:1", 0, Command::bind_transmitter);
  EXPECT_EQ(answer(old), Status::ESME_ROK);
  EXPECT_EQ(answer(come("192.0.2.1:1", 0, Command::bind_receiver)), Status::ESME_ROK);
  Peer& next = come("192.0.2.1:2", 0, Command::bind_transmitter);
  EXPECT_EQ(answer(next), waits);
  EXPECT_TRUE(is_asked(old));
  world_->advance(milliseconds(2'100));
  EXPECT_EQ(answer(next), Status::ESME_ROK);
}

TEST_F(Ghosts, OfAnAddress) {
  make([](AccountOptions& account) {
    account.max_binds = 0;
    account.max_binds_per_address = 1;
  });
  Peer& old = come("192.0.2.1:1");
  EXPECT_EQ(answer(old), Status::ESME_ROK);
  EXPECT_EQ(answer(come("192.0.2.9:1")), Status::ESME_ROK);
  Peer& next = come("192.0.2.1:2");
  world_->advance(milliseconds(2'100));
  EXPECT_EQ(answer(next), Status::ESME_ROK);
}

// Aim: it does not matter by which shards they come, and where no shard has an old one the new one
// is refused as soon as all have said so.
TEST_F(Ghosts, OnAnotherShard) {
  make(3);
  Peer& old = come("192.0.2.1:1", 0);
  EXPECT_EQ(answer(old), Status::ESME_ROK);
  Peer& next = come("192.0.2.1:2", 2);
  EXPECT_TRUE(is_asked(old));
  world_->advance(milliseconds(2'100));
  EXPECT_EQ(answer(next), Status::ESME_ROK);
  EXPECT_EQ(world_->counters(0).binds_replaced.get(), 1U);
  Peer& stranger = come("192.0.2.2:1", 1);
  world_->advance(milliseconds(1));
  EXPECT_EQ(answer(stranger), Status::ESME_RBINDFAIL);
}

// Aim: who waits may leave, and what was asked for it does no harm.
TEST_F(Ghosts, WhoWaitsMayLeave) {
  make(2);
  Peer& old = come("192.0.2.1:1", 1);
  EXPECT_EQ(answer(old), Status::ESME_ROK);
  world_->hold_mail = true;
  Peer& next = come("192.0.2.1:2", 0);
  world_->drop(next);
  world_->hold_mail = false;
  world_->advance(seconds(3));
  EXPECT_TRUE(old.close_asked);
  EXPECT_EQ(answer(come("192.0.2.1:3", 0)), Status::ESME_ROK);
}

// Aim: an account that changes meanwhile is asked anew.
TEST_F(Ghosts, TheAccountChanges) {
  make();
  EXPECT_EQ(answer(come("192.0.2.1:1")), Status::ESME_ROK);
  Peer& first = come("192.0.2.1:2");
  EXPECT_EQ(answer(first), waits);
  std::vector<AccountOptions> accounts = one_account().accounts;
  accounts[0].max_binds = 2;
  world_->change_accounts(accounts);
  world_->adopt();
  world_->advance(milliseconds(100));
  EXPECT_EQ(answer(first), Status::ESME_ROK);
  Peer& second = come("192.0.2.1:3");
  EXPECT_EQ(answer(second), waits);
  accounts[0].password = "other";
  world_->change_accounts(accounts);
  world_->adopt();
  EXPECT_EQ(answer(second), Status::ESME_RBINDFAIL);
}

// Aim: who binds again and again above the limit makes no work without end.
TEST_F(Ghosts, HuntsHaveARate) {
  make();
  Peer& old = come("192.0.2.1:1");
  EXPECT_EQ(answer(old), Status::ESME_ROK);
  unsigned refused = 0;
  for (int i = 0; i < 130; ++i) {
    Peer& next = come("192.0.2.1:2");
    const Status status = answer(next);
    if (status == Status::ESME_RBINDFAIL) ++refused;
    world_->drop(next);
  }
  EXPECT_EQ(refused, 30U);
}

}  // namespace
}  // namespace ringgate::test
