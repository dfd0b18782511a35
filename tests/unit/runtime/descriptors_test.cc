#include "runtime/descriptors.h"

#include <gtest/gtest.h>

namespace ringgate::runtime {
namespace {

Options without_journal() {
  Options options;
  options.limits.max_connections = 1000;
  options.listen.resize(2);
  return options;
}

// Aim: each holder counts for what it holds. Method: one more of each, alone.
TEST(Descriptors, OneTermPerHolder) {
  Options options = without_journal();
  const std::uint64_t base = descriptors_needed(options, 1);
  EXPECT_GT(base, 1000U + 2 + 2);
  EXPECT_LT(base, 1000U + 2 + 2 + 200);
  EXPECT_EQ(descriptors_needed(options, 5), base + 4 * 2);
  options.listen.emplace_back();
  EXPECT_EQ(descriptors_needed(options, 1), base + 1);
  options.limits.max_connections += 7;
  EXPECT_EQ(descriptors_needed(options, 1), base + 1 + 7);
}

// Aim: the journal's files count, at least four and one more for each shard; where there are more
// of them than connections, recovery, which has two epochs open, is what needs most. Method: sizes
// of both kinds.
TEST(Descriptors, Journal) {
  Options options = without_journal();
  const std::uint64_t base = descriptors_needed(options, 2);
  options.store.mode = StoreMode::journal;
  options.store.segment_bytes = 1u << 20;
  options.store.max_bytes = 100u << 20;
  const std::uint64_t hundred = descriptors_needed(options, 2);
  EXPECT_GE(hundred, base + 2 * 51);
  EXPECT_LE(hundred, base + 2 * 51 + 10);
  options.store.max_bytes = 2u << 20;
  EXPECT_EQ(descriptors_needed(options, 2), hundred - 2 * 51 + 2 * 5);
  options.store.max_bytes = std::uint64_t{10'000} << 20;
  EXPECT_GE(descriptors_needed(options, 2), 2 * 10'000U);
}

}  // namespace
}  // namespace ringgate::runtime
