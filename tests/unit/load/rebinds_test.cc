#include "load/rebinds.h"

#include <gtest/gtest.h>

#include "base/units.h"
#include "load/connection.h"

namespace ringgate::load {
namespace {

// Aim: without options nothing ends and nothing comes back. Method: ask.
TEST(Rebinds, AreNoneUnlessAskedFor) {
  Rebinds rebinds({}, 1);
  rebinds.start(seconds(5));
  EXPECT_FALSE(rebinds.wanted());
  EXPECT_EQ(rebinds.end_of_bind(seconds(5)), never);
  EXPECT_EQ(rebinds.next_storm(), never);
}

// Aim: binds live as long as was asked for in the mean, and not all as long. Method: a thousand of
// them.
TEST(Rebinds, LivesDiffer) {
  Rebinds rebinds({.churn = seconds(2)}, 1);
  EXPECT_TRUE(rebinds.wanted());
  Nanos sum = 0, least = never, most = 0;
  for (int i = 0; i < 1000; ++i) {
    const Nanos life = rebinds.end_of_bind(seconds(9)) - seconds(9);
    sum += life;
    least = std::min(least, life);
    most = std::max(most, life);
  }
  EXPECT_GE(least, seconds(1));
  EXPECT_LE(most, seconds(3));
  EXPECT_NEAR(static_cast<double>(sum) / 1e12, 2.0, 0.1);
  EXPECT_GT(most - least, seconds(1));
}

// Aim: storms keep their distance, and one that was missed does not come twice. Method: pass them
// in time, and late.
TEST(Rebinds, StormsKeepTheirDistance) {
  Rebinds rebinds({.storm = seconds(10)}, 1);
  rebinds.start(seconds(3));
  EXPECT_EQ(rebinds.next_storm(), seconds(13));
  rebinds.pass_storm(seconds(13));
  EXPECT_EQ(rebinds.next_storm(), seconds(23));
  rebinds.pass_storm(seconds(44));
  EXPECT_EQ(rebinds.next_storm(), seconds(53));
}

// Aim: the first attempt is at once, further ones ever later, none later than in some seconds.
// Method: a hundred failures.
TEST(Rebinds, AttemptsGrowRare) {
  Rebinds rebinds({.reconnect = true}, 1);
  const auto delay = [&rebinds](unsigned failures) {
    rebinds.expect(0, 0, failures);
    const Nanos at = rebinds.next_return();
    EXPECT_EQ(rebinds.take_return(at), 0);
    return at;
  };
  EXPECT_EQ(delay(0), 0);
  const Nanos second = delay(1);
  EXPECT_GE(second, milliseconds(50));
  EXPECT_LE(second, milliseconds(150));
  for (unsigned failures = 7; failures < 100; ++failures) {
    const Nanos late = delay(failures);
    EXPECT_GE(late, seconds(5) / 2);
    EXPECT_LE(late, seconds(15) / 2);
  }
}

// Aim: each comes back once, when it is due, whoever was lost first. Method: one that failed, then
// one that did not; a third that is forgotten.
TEST(Rebinds, ComeBackWhenTheyAreDue) {
  Rebinds rebinds({.reconnect = true}, 1);
  EXPECT_FALSE(rebinds.expects_any());
  EXPECT_EQ(rebinds.next_return(), never);
  rebinds.expect(7, seconds(1), 3);
  rebinds.expect(8, seconds(1), 0);
  EXPECT_EQ(rebinds.next_return(), seconds(1));
  EXPECT_EQ(rebinds.take_return(seconds(1) - 1), std::nullopt);
  EXPECT_EQ(rebinds.take_return(seconds(1)), 8);
  EXPECT_EQ(rebinds.take_return(seconds(1)), std::nullopt);
  EXPECT_EQ(rebinds.take_return(seconds(2)), 7);
  EXPECT_FALSE(rebinds.expects_any());
  rebinds.expect(9, seconds(2), 0);
  rebinds.forget();
  EXPECT_EQ(rebinds.take_return(never - 1), std::nullopt);
}

// Aim: a response that comes after a later one's is out of order, also where numbers begin anew.
// Method: numbers by hand.
TEST(Connection, KnowsTheOrderOfItsResponses) {
  OctetPool tx(64 * 1024, 1);
  ChunkPool carry(1024, 1);
  SessionLimits limits;
  Connection connection({}, limits, {tx, carry}, Now{});
  EXPECT_FALSE(connection.is_out_of_order(2));
  EXPECT_FALSE(connection.is_out_of_order(4));
  EXPECT_TRUE(connection.is_out_of_order(3));
  EXPECT_FALSE(connection.is_out_of_order(5));
  EXPECT_FALSE(connection.is_out_of_order(0x3FFF'FFFF));
  EXPECT_FALSE(connection.is_out_of_order(0x6FFF'FFFF));
  EXPECT_FALSE(connection.is_out_of_order(0x7FFF'FFFF));
  EXPECT_FALSE(connection.is_out_of_order(1));
  EXPECT_TRUE(connection.is_out_of_order(0x7FFF'FFFF));
  EXPECT_FALSE(connection.is_out_of_order(2));
}

}  // namespace
}  // namespace ringgate::load
