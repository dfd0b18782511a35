#include "shard/gates.h"

#include <gtest/gtest.h>

#include "base/prng.h"

namespace ringgate {
namespace {

// Aim: octets leave when the batch that was newest when they were written is safe, and not before.
TEST(Gates, OpenInOrder) {
  Gates gates;
  gates.add(1, 100, 0);
  EXPECT_EQ(gates.open_to(0, 100), 0U);
  gates.add(2, 250, 0);
  EXPECT_EQ(gates.open_to(0, 250), 0U);
  EXPECT_EQ(gates.open_to(1, 250), 100U);
  EXPECT_EQ(gates.open_to(1, 250), 100U);
  EXPECT_EQ(gates.open_to(2, 250), 250U);
}

// Aim: what waits for nothing leaves at once.
TEST(Gates, NothingToWaitFor) {
  Gates gates;
  gates.add(5, 100, 5);
  EXPECT_EQ(gates.open_to(5, 100), 100U);
  gates.add(6, 100, 5);
  EXPECT_EQ(gates.open_to(5, 100), 100U) << "no octets since";
}

// Aim: however many batches are under way, no octet leaves before its own. Method: random batches,
// writes and syncs against a plain list.
TEST(Gates, NeverTooEarly) {
  Prng prng(3);
  for (int round = 0; round < 200; ++round) {
    Gates gates;
    std::uint64_t batch = 0, durable = 0, written = 0, open = 0;
    std::vector<std::pair<std::uint64_t, std::uint64_t>> wanted;  // position, batch
    for (int step = 0; step < 300; ++step) {
      if (prng.chance(0.5)) ++batch;
      if (prng.chance(0.6)) {
        written += 1 + prng.below(100);
        gates.add(batch, written, durable);
        wanted.emplace_back(written, batch);
      }
      if (prng.chance(0.4)) durable += prng.below(batch - durable + 1);
      const std::uint64_t now = gates.open_to(durable, written);
      EXPECT_GE(now, open);
      open = now;
      for (const auto& [position, needs] : wanted) {
        if (position <= open) {
          EXPECT_LE(needs, durable);
        }
      }
    }
    EXPECT_EQ(gates.open_to(batch, written), written);
  }
}

}  // namespace
}  // namespace ringgate
