// Aim: a long message takes its place in the rate as a whole, no client gains by calling submits
// parts, and memory is bounded. Method: a limit of ten a second with a burst of four, on a virtual
// clock.
#include "policy/paid_parts.h"

#include <gtest/gtest.h>

#include "base/units.h"

namespace ringgate {
namespace {

constexpr Nanos patience = seconds(300);

class PaidPartsTest : public testing::Test {
 protected:
  bool admit(std::uint64_t key, unsigned parts) {
    SubmitLimits limits(Now{.mono = now_});
    limits.add(rate_, limit_, OverRate::reject, Status::ESME_RTHROTTLED);
    return paid_.take(key, parts, 1, limits, now_, patience).status == Status::ESME_ROK;
  }

  Nanos now_ = seconds(1);
  const Rate rate_{10, 4};
  RateLimit limit_{0};
  PaidParts paid_;
};

TEST_F(PaidPartsTest, TheFirstPaysForAll) {
  EXPECT_TRUE(admit(1, 3));
  EXPECT_TRUE(limit_.admit(rate_, now_)) << "one of the burst is left";
  EXPECT_FALSE(limit_.admit(rate_, now_));
  EXPECT_TRUE(admit(1, 3));
  EXPECT_TRUE(admit(1, 3));
  EXPECT_FALSE(admit(1, 3)) << "a fourth part begins another message";
}

TEST_F(PaidPartsTest, WhatDoesNotFitIsRefusedAtItsFirstPart) {
  EXPECT_TRUE(admit(1, 3));
  EXPECT_FALSE(admit(2, 2)) << "only one is left";
  EXPECT_TRUE(limit_.admit(rate_, now_)) << "and it was not taken";
  now_ += milliseconds(200);
  EXPECT_TRUE(admit(2, 2));
}

// Aim: a message of more parts than the burst has is not refused for ever, and costs what it is.
TEST_F(PaidPartsTest, MoreThanTheBurst) {
  EXPECT_TRUE(admit(1, 10));
  for (int i = 0; i < 9; ++i) EXPECT_TRUE(admit(1, 10));
  now_ += milliseconds(600);
  EXPECT_FALSE(limit_.admit(rate_, now_));
  now_ += milliseconds(100);
  EXPECT_TRUE(limit_.admit(rate_, now_));
}

TEST_F(PaidPartsTest, WhatWasPaidIsForgottenInTime) {
  EXPECT_TRUE(admit(1, 4));
  now_ += patience;
  EXPECT_TRUE(admit(1, 4)) << "as a new one";
  EXPECT_FALSE(limit_.admit(rate_, now_));
}

// Aim: a message that began again with the same reference keeps its own time.
TEST_F(PaidPartsTest, ReferencesComeAgain) {
  EXPECT_TRUE(admit(1, 2));
  EXPECT_TRUE(admit(1, 2));
  now_ += seconds(200);
  EXPECT_TRUE(admit(1, 2));
  now_ += seconds(150);
  while (limit_.admit(rate_, now_)) {
  }
  EXPECT_TRUE(admit(1, 2)) << "its second part";
}

TEST(PaidParts, Bound) {
  const Rate rate(1e7, 1'000'000);
  RateLimit limit(0);
  PaidParts paid;
  SubmitLimits limits(Now{});
  limits.add(rate, limit, OverRate::reject, Status::ESME_RMSGQFUL);
  const auto take = [&](std::uint64_t key) {
    return paid.take(key, 2, 1, limits, 0, patience).status;
  };
  for (std::uint64_t key = 0; key <= PaidParts::count_max; ++key)
    EXPECT_EQ(take(key), Status::ESME_ROK);
  while (limit.admit(rate, 0)) {
  }
  EXPECT_EQ(take(0), Status::ESME_RMSGQFUL) << "the oldest gave way";
  EXPECT_EQ(take(1), Status::ESME_ROK);
}

}  // namespace
}  // namespace ringgate
