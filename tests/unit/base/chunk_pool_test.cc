#include "base/chunk_pool.h"

#include <gtest/gtest.h>

#include <cstring>
#include <set>
#include <vector>

namespace ringgate {
namespace {

// Aim: chunks are aligned, whole, and apart from each other, and the bound is exact. Method: take
// all, fill each with its number, look at them afterwards.
TEST(ChunkPool, ApartAndBounded) {
  constexpr std::uint32_t chunk_size = 100;  // Not a multiple of a cache line.
  ChunkPool pool(chunk_size, 10);
  EXPECT_EQ(pool.chunk_size(), chunk_size);
  EXPECT_EQ(pool.capacity(), 10U);
  std::vector<std::uint8_t*> chunks;
  for (int i = 0; i < 10; ++i) {
    std::uint8_t* const chunk = pool.take();
    ASSERT_NE(chunk, nullptr);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(chunk) % 64, 0U);
    std::memset(chunk, i, chunk_size);
    chunks.push_back(chunk);
  }
  EXPECT_EQ(pool.take(), nullptr);
  EXPECT_EQ(pool.in_use(), 10U);
  for (std::size_t i = 0; i < chunks.size(); ++i) {
    EXPECT_EQ(chunks[i][0], i);
    EXPECT_EQ(chunks[i][chunk_size - 1], i);
  }
  EXPECT_EQ(std::set<std::uint8_t*>(chunks.begin(), chunks.end()).size(), chunks.size());

  pool.give(chunks[3]);
  pool.give(chunks[7]);
  EXPECT_EQ(pool.in_use(), 8U);
  EXPECT_EQ(pool.take(), chunks[7]);
  EXPECT_EQ(pool.take(), chunks[3]);
}

// Aim: an address inside a chunk, or outside the pool, is caught. Method: death tests.
TEST(ChunkPoolDeathTest, Misuse) {
  ChunkPool pool(128, 4);
  std::uint8_t* const chunk = pool.take();
  EXPECT_DEATH(pool.give(chunk + 64), "assertion failed");
  EXPECT_DEATH(pool.give(chunk + 4 * 128), "assertion failed");
}

}  // namespace
}  // namespace ringgate
