#include "base/block_pool.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>

namespace ringgate {
namespace {

bool resident(const std::uint8_t* address) {
  const auto page = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
  unsigned char state = 0;
  void* const start =
      reinterpret_cast<void*>(reinterpret_cast<std::uintptr_t>(address) / page * page);
  EXPECT_EQ(mincore(start, 1, &state), 0);
  return (state & 1) != 0;
}

// Aim: memory above the high-water mark stays untouched, so that a generous pool is free of charge.
// Method: ask the kernel which pages of a 256 MiB pool are resident, before and after use. The far
// end is asked, because huge pages and the allocator's own header may bring in neighbours of the
// first octet.
TEST(BlockPool, Lazy) {
  constexpr std::uint32_t capacity = 65536;
  BlockPool pool(4096, capacity);
  EXPECT_FALSE(resident(pool.at(capacity - 1)));
  for (int i = 0; i < 100; ++i) {
    const std::uint32_t index = pool.take();
    ASSERT_NE(index, BlockPool::none);
    *pool.at(index) = 1;
    if (i % 2 == 0) pool.give(index);
  }
  EXPECT_TRUE(resident(pool.at(0)));
  EXPECT_FALSE(resident(pool.at(capacity / 2)));
  EXPECT_FALSE(resident(pool.at(capacity - 1)));
}

// Aim: impossible pools and impossible returns are caught. Method: death tests.
TEST(BlockPoolDeathTest, Misuse) {
  EXPECT_DEATH(BlockPool(2, 8), "assertion failed");
  EXPECT_DEATH(BlockPool(8, 0), "assertion failed");
  BlockPool pool(8, 8);
  EXPECT_DEATH(pool.give(0), "assertion failed");
}

#ifdef RINGGATE_ASAN
// Aim: use after give() is visible to AddressSanitizer, and a block taken again is usable. Method:
// death test, then a write.
TEST(BlockPoolDeathTest, PoisonsFreeBlocks) {
  BlockPool pool(64, 2);
  const std::uint32_t index = pool.take();
  pool.give(index);
  EXPECT_DEATH(*static_cast<volatile std::uint8_t*>(pool.at(index) + 8) = 1, "use-after-poison");
  EXPECT_EQ(pool.take(), index);
  *static_cast<volatile std::uint8_t*>(pool.at(index) + 8) = 1;
}
#endif

}  // namespace
}  // namespace ringgate
