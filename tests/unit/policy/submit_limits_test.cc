// Aim: a submit is taken from all of its limits or from none, and the one that refuses it says how.
#include "policy/submit_limits.h"

#include <gtest/gtest.h>

#include <optional>

#include "base/units.h"

namespace ringgate {
namespace {

using Over = SubmitLimits::Over;

class SubmitLimitsTest : public testing::Test {
 protected:
  /// With all three limits.
  SubmitLimits::Taken take(std::uint32_t parts = 1, std::uint32_t destinations = 1) {
    SubmitLimits limits(now_);
    limits.add(wide_, wide_used_, OverRate::reject, Status::ESME_RSYSERR);
    limits.add(narrow_, narrow_used_, OverRate::reject, Status::ESME_RTHROTTLED);
    limits.add(quota_, 1, quota_used_, Status::ESME_RMSGQFUL);
    return limits.take(parts, destinations);
  }
  unsigned left(const Rate& rate, RateLimit& used) const {
    unsigned count = 0;
    while (used.admit(rate, now_.mono)) ++count;
    return count;
  }

  Now now_{seconds(1), 1'700'049'600};
  const Rate wide_{1, 20};
  const Rate narrow_{1, 4};
  std::uint32_t quota_ = 10;
  RateLimit wide_used_{0};
  RateLimit narrow_used_{0};
  QuotaUse quota_used_;
};

TEST_F(SubmitLimitsTest, TheFirstThatRefusesAnswers) {
  for (int i = 0; i < 4; ++i) EXPECT_EQ(take().over, Over::nothing);
  const auto refused = take();
  EXPECT_EQ(refused.over, Over::rate);
  EXPECT_EQ(refused.status, Status::ESME_RTHROTTLED);
  EXPECT_EQ(quota_used_.get().used, 4U);
  EXPECT_EQ(left(wide_, wide_used_), 16U) << "what was refused has taken nothing";
}

TEST_F(SubmitLimitsTest, RatesKeepWhatAQuotaRefuses) {
  quota_ = 2;
  EXPECT_EQ(take(2).over, Over::nothing);
  const auto refused = take();
  EXPECT_EQ(refused.over, Over::quota);
  EXPECT_EQ(refused.status, Status::ESME_RMSGQFUL);
  EXPECT_EQ(left(narrow_, narrow_used_), 2U);
  EXPECT_EQ(left(wide_, wide_used_), 18U);
}

// Aim: several parts are admitted together where they fit, and more than the burst where a burst
// would fit; of a quota there is never more than there is.
TEST_F(SubmitLimitsTest, Parts) {
  EXPECT_EQ(take(3).over, Over::nothing);
  EXPECT_EQ(take(3).over, Over::rate) << "one is left";
  now_.mono += seconds(10);
  EXPECT_EQ(take(6).over, Over::nothing);
  EXPECT_EQ(quota_used_.get().used, 9U);
  now_.mono += seconds(10);
  EXPECT_EQ(take(2).over, Over::quota);
}

// Aim: what goes to several destinations is not refused by halves, and the rates are owed the rest.
TEST_F(SubmitLimitsTest, Destinations) {
  EXPECT_EQ(take(1, 6).over, Over::nothing);
  EXPECT_EQ(quota_used_.get().used, 6U);
  now_.mono += seconds(2);
  EXPECT_EQ(left(narrow_, narrow_used_), 0U);
  now_.mono += seconds(1);
  EXPECT_EQ(left(narrow_, narrow_used_), 1U);
}

TEST_F(SubmitLimitsTest, WhatPacesRefusesNothing) {
  SubmitLimits limits(now_);
  limits.add(narrow_, narrow_used_, OverRate::pace, Status::ESME_RTHROTTLED);
  EXPECT_FALSE(limits.may_refuse());
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(limits.take(1, 1).over, Over::nothing);
    EXPECT_LE(limits.pace(1), now_.mono);
  }
  EXPECT_EQ(limits.pace(2), now_.mono + seconds(2));
}

// Aim: nobody owes a rate that others share more than a moment, whatever he sends, and what his own
// limits refuse is not taken from it.
TEST_F(SubmitLimitsTest, SharedRates) {
  const Rate shared(10, 10);
  for (const OverRate over : {OverRate::reject, OverRate::pace}) {
    RateLimit used(0);
    const auto take = [&](std::uint32_t count, Nanos& until) {
      SubmitLimits limits(now_);
      limits.share(shared, used, over, Status::ESME_RSYSERR);
      EXPECT_FALSE(limits.may_refuse());
      const auto taken = limits.take_shared(count);
      if (taken.over == Over::nothing) until = limits.pace(count);
      return taken;
    };
    Nanos until = 0;
    EXPECT_EQ(take(254, until).over, Over::nothing) << "no more than a burst would fit";
    EXPECT_LE(until, now_.mono + seconds(1));
    const auto refused = take(1, until);
    EXPECT_EQ(refused.over, Over::rate);
    EXPECT_EQ(refused.status, Status::ESME_RSYSERR);
    now_.mono += seconds(100);
    EXPECT_EQ(take(1, until).over, Over::nothing);
  }
  RateLimit used(0);
  SubmitLimits limits(now_);
  limits.share(shared, used, OverRate::reject, Status::ESME_RSYSERR);
  EXPECT_EQ(limits.take_shared(1).over, Over::nothing);
  limits.give_back_shared(1);
  EXPECT_EQ(left(shared, used), 10U);
}

TEST_F(SubmitLimitsTest, GivesBack) {
  RateLimit shared_used(0);
  SubmitLimits limits(now_);
  limits.add(narrow_, narrow_used_, OverRate::reject, Status::ESME_RTHROTTLED);
  limits.add(wide_, wide_used_, OverRate::pace, Status::ESME_RTHROTTLED);
  limits.add(quota_, 1, quota_used_, Status::ESME_RTHROTTLED);
  limits.share(narrow_, shared_used, OverRate::reject, Status::ESME_RTHROTTLED);
  EXPECT_EQ(limits.take_shared(3).over, Over::nothing);
  EXPECT_EQ(limits.take(1, 3).over, Over::nothing);
  limits.pace(3);
  limits.give_back(3);
  EXPECT_EQ(left(narrow_, narrow_used_), 4U);
  EXPECT_EQ(left(narrow_, shared_used), 4U);
  EXPECT_EQ(left(wide_, wide_used_), 20U);
  EXPECT_EQ(quota_used_.get().used, 0U);
}

TEST_F(SubmitLimitsTest, NoLimits) {
  SubmitLimits limits(now_);
  RateLimit used(0);
  limits.add(Rate(), used, OverRate::reject, Status::ESME_RTHROTTLED);
  limits.add(0, 0, quota_used_, Status::ESME_RTHROTTLED);
  EXPECT_FALSE(limits.may_refuse());
  EXPECT_EQ(limits.take(200, 254).over, Over::nothing);
  EXPECT_EQ(limits.pace(254), 0);
}

}  // namespace
}  // namespace ringgate
