#include "base/result.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <memory>

namespace ringgate {
namespace {

Result<int> half(int number) {
  if (number % 2 != 0) return Error{ErrorCode::invalid, 0, "odd"};
  return number / 2;
}

Result<void> refuse(bool really) {
  if (really) return Error{ErrorCode::permission, EACCES};
  return {};
}

// Aim: a result is either its value or its error. Method: one function that returns both kinds.
TEST(Result, ValueOrError) {
  Result<int> good = half(8);
  ASSERT_TRUE(good);
  EXPECT_EQ(good.value(), 4);
  good.value() = 5;
  EXPECT_EQ(std::as_const(good).value(), 5);

  const Result<int> bad = half(7);
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().code, ErrorCode::invalid);
  EXPECT_EQ(bad.error().os_errno, 0);
  EXPECT_EQ(bad.error().text, "odd");
}

// Aim: a value that can only be moved goes in and comes out. Method: a unique_ptr.
TEST(Result, MoveOnly) {
  Result<std::unique_ptr<int>> result = std::make_unique<int>(3);
  const std::unique_ptr<int> taken = std::move(result).value();
  EXPECT_EQ(*taken, 3);
}

// Aim: the result without a value. Method: both outcomes.
TEST(Result, Void) {
  EXPECT_TRUE(refuse(false));
  const Result<void> refused = refuse(true);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().os_errno, EACCES);
}

// Aim: asking for what is absent is caught. Method: death tests.
TEST(ResultDeathTest, WrongQuestion) {
  EXPECT_DEATH({ half(7).value(); }, "assertion failed");
  EXPECT_DEATH({ (void)half(8).error(); }, "assertion failed");
  EXPECT_DEATH({ (void)refuse(false).error(); }, "assertion failed");
}

}  // namespace
}  // namespace ringgate
