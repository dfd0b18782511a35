// Aim: measures come in their order and go in it, each some way below where it came, and they are
// meant for those who have most.
#include "shard/emergency.h"

#include <gtest/gtest.h>

#include "shard_world.h"
#include "smpp/command.h"

namespace ringgate::test {
namespace {

TEST(Emergency, Order) {
  Emergency emergency;
  const auto at = [&](std::uint64_t percent) {
    emergency.look(percent, 100, 1);
    return emergency.measure();
  };
  EXPECT_EQ(at(64), Measure::none);
  EXPECT_EQ(at(65), Measure::throttle);
  EXPECT_EQ(at(58), Measure::throttle);
  EXPECT_EQ(at(75), Measure::stop_reading);
  EXPECT_EQ(at(67), Measure::stop_reading);
  EXPECT_EQ(at(66), Measure::throttle);
  EXPECT_EQ(at(200), Measure::refuse_connections) << "the heap is used as well";
  EXPECT_TRUE(emergency.is(Measure::throttle));
  EXPECT_EQ(at(87), Measure::refuse_connections);
  EXPECT_EQ(at(86), Measure::refuse_binds);
  EXPECT_EQ(at(79), Measure::stop_reading);
  EXPECT_EQ(at(0), Measure::none);
  EXPECT_FALSE(emergency.is(Measure::throttle));
}

TEST(Emergency, ThrottlesWhoHasMost) {
  Emergency emergency;
  emergency.look(60, 100, 3);
  EXPECT_FALSE(emergency.throttles(60)) << "there is enough";
  emergency.look(90, 100, 3);
  EXPECT_TRUE(emergency.throttles(30));
  EXPECT_FALSE(emergency.throttles(29));
  EXPECT_FALSE(emergency.throttles(0));
}

// Aim: on a shard whose memory peers have filled by reading nothing, those are throttled and not
// read, others go on; behind that nobody is bound and nobody is let in; all of it ends with the
// shortage, and is counted. Method: connections of one account that send enquire_links and submits
// and read nothing.
TEST(Emergency, OnAShard) {
  WorldOptions options = one_account();
  options.accounts.push_back(account("quiet"));
  options.connections_max = 400;
  World world(options);
  Peer& quiet = world.bound("quiet");
  std::string questions;
  for (std::uint32_t i = 1; i <= 16'000; ++i) questions += pdu(smpp::Command::enquire_link, i);
  std::vector<Peer*> greedy;
  bool refused = false;
  const auto fill = [&](Measure until) {
    // Twice as many as it takes are refused a place.
    for (int i = 0; i < 380 && !world.shard().emergency().is(until) && !refused; ++i) {
      Peer& peer = world.connect(0, ("192.0.2." + std::to_string(i)).c_str());
      if (peer.link == LinkId{} ||
          world.bind(peer, smpp::Command::bind_transceiver, "esme") != Status::ESME_ROK)
        refused = true;
      peer.reads = false;
      world.write(peer, questions);
      greedy.push_back(&peer);
    }
  };
  fill(Measure::throttle);
  ASSERT_TRUE(world.shard().emergency().is(Measure::throttle));
  world.write(*greedy.front(), submit_pdu(1));
  world.write(quiet, submit_pdu(2));
  EXPECT_EQ(quiet.next()->status(), Status::ESME_ROK);
  EXPECT_EQ(world.backend.held.size(), 1U);
  EXPECT_FALSE(world.log.of("memory for octets").empty());
  for (Peer* const peer : greedy) world.drop(*peer);
  world.advance(seconds(2));
  EXPECT_FALSE(world.shard().emergency().is(Measure::throttle));
  EXPECT_EQ(world.counters().emergency_submits.get(), 1U);
  EXPECT_EQ(world.bind(world.connect(), smpp::Command::bind_transceiver, "esme"), Status::ESME_ROK);
}

}  // namespace
}  // namespace ringgate::test
