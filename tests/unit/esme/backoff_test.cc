#include "esme/backoff.h"

#include <gtest/gtest.h>

namespace ringgate {
namespace {

Backoff::Times times() { return {seconds(1), seconds(60), seconds(15)}; }

void expect_about(Nanos delay, Nanos wanted) {
  EXPECT_GE(delay, wanted - wanted / 4);
  EXPECT_LE(delay, wanted + wanted / 4);
}

TEST(Backoff, FailuresDoubleUpToTheMost) {
  Backoff backoff(times(), 1);
  for (const int wanted : {1, 2, 4, 8, 16, 32, 60, 60})
    expect_about(backoff.after_failure(), seconds(wanted));
  for (int i = 0; i < 100; ++i) expect_about(backoff.after_failure(), seconds(60));
}

TEST(Backoff, ABindThatLastedBeginsAnew) {
  Backoff backoff(times(), 1);
  for (int i = 0; i < 10; ++i) backoff.after_failure();
  EXPECT_LE(backoff.after_loss(Backoff::lasting), milliseconds(250));
  expect_about(backoff.after_failure(), seconds(1));
  expect_about(backoff.after_loss(Backoff::lasting - 1), seconds(2));
}

// Aim: a password that is wrong is not said again and again, and a ghost of our own bind has time
// to be noticed.
TEST(Backoff, RefusalsByTheirStatus) {
  Backoff backoff(times(), 1);
  for (const Status status :
       {Status::ESME_RINVPASWD, Status::ESME_RINVSYSID, Status::ESME_RBINDFAIL})
    expect_about(backoff.after_refusal(status), seconds(60));
  for (int i = 0; i < 5; ++i)
    expect_about(backoff.after_refusal(Status::ESME_RALYBND), seconds(15));
  expect_about(backoff.after_refusal(Status::ESME_RTHROTTLED), seconds(1));
  expect_about(backoff.after_refusal(Status::ESME_RSYSERR), seconds(2));
}

}  // namespace
}  // namespace ringgate
