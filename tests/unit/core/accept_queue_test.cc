#include "core/accept_queue.h"

#include <gtest/gtest.h>

namespace ringgate {
namespace {

int next_of(AcceptQueue& queue) {
  const auto one = queue.pop();
  return one ? one->socket : -1;
}

// Aim: addresses take turns, and each address's connections keep their order. Method: a storm of
// five, then one from elsewhere.
TEST(AcceptQueue, FairOverAddresses) {
  AcceptQueue queue(100);
  for (int fd = 1; fd <= 5; ++fd) EXPECT_FALSE(queue.push({fd, "storm"}, "a"));
  EXPECT_FALSE(queue.push({10, "one"}, "b"));
  EXPECT_EQ(next_of(queue), 1);
  EXPECT_EQ(next_of(queue), 10);
  for (int fd = 2; fd <= 5; ++fd) EXPECT_EQ(next_of(queue), fd);
  EXPECT_EQ(next_of(queue), -1);
  EXPECT_TRUE(queue.empty());
}

// Aim: when it is full, whoever has most gives way, and nobody else. Method: a storm up to the
// bound, then two from elsewhere, then one more of the storm.
TEST(AcceptQueue, WhoHasMostGivesWay) {
  AcceptQueue queue(3);
  for (int fd = 1; fd <= 3; ++fd) EXPECT_FALSE(queue.push({fd, ""}, "a"));
  const auto first = queue.push({10, ""}, "b");
  ASSERT_TRUE(first);
  EXPECT_EQ(first->socket, 3);
  const auto second = queue.push({4, ""}, "a");
  ASSERT_TRUE(second);
  EXPECT_EQ(second->socket, 4);
  EXPECT_EQ(queue.count(), 3u);
}

}  // namespace
}  // namespace ringgate
