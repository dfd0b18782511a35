#include "shard/door.h"

#include <gtest/gtest.h>

#include "house_world.h"

namespace ringgate {
namespace {

class DoorTest : public testing::Test {
 protected:
  Connection& connect(std::uint32_t account) {
    Connection& connection = world_.connect(links_);
    connection.account = &world_.house.directory().at(account);
    return connection;
  }
  std::uint64_t misrouted() { return world_.house.counters.misrouted.get(); }

  test::HouseWorld world_{{.accounts = {"one", "two"}}};
  Links links_{world_.house.options.budget, world_.protocol, world_.house.now.mono};
  ShardLog log_{world_.house};
  Door door_{world_.house, links_, log_};
};

// Aim: what belongs to the connection's account passes; what is another's does not, and is counted
// and logged as an error of ours. Method: both accounts' things to a connection of one.
TEST_F(DoorTest, LetsOutWhatIsTheAccounts) {
  Connection& connection = connect(1);
  EXPECT_EQ(door_.find(connection.id, 1, "an answer"), &connection);
  EXPECT_EQ(misrouted(), 0U);
  EXPECT_EQ(door_.find(connection.id, 0, "an answer"), nullptr);
  EXPECT_EQ(misrouted(), 1U);
  ASSERT_EQ(world_.lines.size(), 1U);
  EXPECT_NE(world_.lines.front().find("an answer"), std::string::npos) << world_.lines.front();
  links_.release(connection);
}

// Aim: nothing is written to whoever has gone, and that is nobody's error.
TEST_F(DoorTest, IsShutForThoseWhoHaveGone) {
  Connection& connection = connect(1);
  const LinkId link = connection.id;
  connection.over = true;
  EXPECT_EQ(door_.find(link, 1, "an answer"), nullptr);
  links_.release(connection);
  EXPECT_EQ(door_.find(link, 1, "an answer"), nullptr);
  EXPECT_EQ(misrouted(), 0U);
}

}  // namespace
}  // namespace ringgate
