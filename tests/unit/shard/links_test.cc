#include "shard/links.h"
#include "session/smpp_session.h"

#include <gtest/gtest.h>

#include <set>
#include <vector>

namespace ringgate {
namespace {

struct FakeNetwork final : io::Network {
  void apply(std::span<const io::LinkCommand> commands) override {
    batches.emplace_back(commands.begin(), commands.end());
  }
  bool has_unread(LinkId) override { return false; }

  std::vector<std::vector<io::LinkCommand>> batches;
};

class LinksTest : public testing::Test {
 protected:
  static constexpr std::uint32_t places = 3;

  static ShardBudget budget() {
    ShardBudget out = make_budget(places, 1, 10);
    out.connections = places;
    return out;
  }
  Connection* make() { return links.make(limits, "192.0.2.1:1", now); }
  Connection& named() {
    Connection& connection = *make();
    links.name(connection);
    return connection;
  }

  const Now now{seconds(100), 1'000};
  SessionLimits limits;
  const SmppProtocol protocol{};
  Links links{budget(), protocol, now.mono};
};

// Aim: a name finds its connection until that is released, and never another one. Method: one slot
// that is used again and again.
TEST_F(LinksTest, NamesNeverComeBack) {
  std::set<std::uint64_t> names;
  std::vector<LinkId> gone;
  for (int i = 0; i < 10; ++i) {
    Connection& connection = named();
    EXPECT_TRUE(names.insert(connection.id.value).second);
    EXPECT_EQ(links.find(connection.id), &connection);
    for (const LinkId one : gone) EXPECT_EQ(links.find(one), nullptr);
    gone.push_back(connection.id);
    links.release(connection);
    EXPECT_EQ(links.find(gone.back()), nullptr);
  }
  EXPECT_EQ(links.find(LinkId{}), nullptr);
  EXPECT_EQ(links.find(LinkId::make(places + 5, 1)), nullptr);
}

// Aim: there are so many and no more; one that never got a name gives its place back as well.
TEST_F(LinksTest, Bound) {
  named();
  named();
  Connection* const third = make();
  ASSERT_NE(third, nullptr);
  EXPECT_EQ(make(), nullptr);
  links.release(*third);
  Connection* const again = make();
  ASSERT_NE(again, nullptr);
  links.release(*again);
}

// Aim: whoever is touched is looked at once, in the order of the first touch, and not when it is
// gone.
TEST_F(LinksTest, TouchedOnce) {
  Connection &one = named(), &two = named(), &three = named();
  for (Connection* const connection : {&two, &one, &two, &three, &one}) links.touch(*connection);
  links.release(three);
  EXPECT_EQ(links.pop_touched(), &two);
  EXPECT_EQ(links.pop_touched(), &one);
  EXPECT_EQ(links.pop_touched(), nullptr);
  EXPECT_FALSE(links.has_touched());
}

// Aim: the network is asked once a turn, in order, and not when there is nothing to ask.
TEST_F(LinksTest, OneBatchOfCommands) {
  FakeNetwork network;
  links.give_commands(network);
  EXPECT_TRUE(network.batches.empty());
  const Connection& connection = named();
  links.command(io::LinkCommand::Kind::pause, connection);
  links.command(io::LinkCommand::Kind::close, connection);
  links.give_commands(network);
  links.give_commands(network);
  ASSERT_EQ(network.batches.size(), 1U);
  ASSERT_EQ(network.batches[0].size(), 2U);
  EXPECT_EQ(network.batches[0][0].kind, io::LinkCommand::Kind::pause);
  EXPECT_EQ(network.batches[0][1].link, connection.id);
}

// Aim: a timer fires when its time has come, and not for a connection that is gone.
TEST_F(LinksTest, Timers) {
  Connection &one = named(), &two = named();
  links.arm(one, now.mono + seconds(1));
  links.arm(two, now.mono + seconds(1));
  links.release(two);
  std::vector<Connection*> fired;
  const auto note = [&fired](Connection& connection) { fired.push_back(&connection); };
  links.advance(now.mono + milliseconds(500), note);
  EXPECT_TRUE(fired.empty());
  EXPECT_LE(links.deadline(), now.mono + seconds(1) + milliseconds(20));
  links.advance(now.mono + seconds(2), note);
  EXPECT_EQ(fired, std::vector<Connection*>{&one});
  EXPECT_EQ(links.deadline(), never);
}

}  // namespace
}  // namespace ringgate
