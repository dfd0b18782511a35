#include "base/octet_pool.h"

#include <gtest/gtest.h>

#include <vector>

namespace ringgate {
namespace {

// Aim: pieces come from where they should and go back there; nothing is ever refused. Method: take
// more of each kind than there is.
TEST(OctetPool, WhereFrom) {
  OctetPool pool(8192, 2, 1);
  const OctetPool::Piece small = pool.take_small();
  EXPECT_EQ(small.home, OctetPool::Home::small);
  EXPECT_EQ(small.size, OctetPool::small_size);
  EXPECT_EQ(pool.take_small().memory, nullptr);
  std::vector<OctetPool::Piece> large;
  for (int i = 0; i < 3; ++i) large.push_back(pool.take_large());
  EXPECT_EQ(large[1].home, OctetPool::Home::large);
  EXPECT_EQ(large[2].home, OctetPool::Home::heap);
  EXPECT_EQ(large[2].size, 8192u);
  EXPECT_EQ(pool.in_use(), 3u);
  EXPECT_EQ(pool.on_heap(), 1u);
  for (const OctetPool::Piece& piece : large) pool.give(piece);
  EXPECT_FALSE(pool.empty());
  pool.give(small);
  EXPECT_TRUE(pool.empty());
}

// Aim: without small pieces all are large. Method: ask for one.
TEST(OctetPool, NoSmallOnes) {
  OctetPool pool(4096, 1);
  EXPECT_EQ(pool.take_small().memory, nullptr);
  EXPECT_TRUE(pool.empty());
}

}  // namespace
}  // namespace ringgate
