#include "session/byte_queue.h"

#include <gtest/gtest.h>

#include <string>

#include "base/bytes.h"
#include "base/prng.h"

namespace ringgate {
namespace {

constexpr std::uint32_t chunk_size = 64;
constexpr std::size_t room = chunk_size - 32;  // what a chunk's own head leaves

bool put(ByteQueue& queue, std::string_view text) {
  std::uint8_t* const to = queue.reserve(text.size());
  if (to == nullptr) return false;
  std::memcpy(to, text.data(), text.size());
  queue.commit(text.size());
  return true;
}

std::string take_all(ByteQueue& queue) {
  std::string out;
  while (!queue.empty()) {
    const Octets front = queue.front();
    EXPECT_FALSE(front.empty());
    out += as_text(front);
    queue.pop(front.size());
  }
  return out;
}

// Aim: octets come out in the order they went in, reserved pieces in one piece, over chunk borders;
// an empty queue holds no memory. Method: pieces that do and do not fill a chunk.
TEST(ByteQueue, Order) {
  OctetPool pool(chunk_size, 8);
  ByteQueue queue(pool);
  EXPECT_TRUE(queue.empty());
  EXPECT_TRUE(queue.front().empty());
  const std::string a(room, 'a'), b(room - 1, 'b'), c(2, 'c'), d(1, 'd');
  for (const std::string& piece : {a, b, c, d}) EXPECT_TRUE(put(queue, piece));
  EXPECT_EQ(pool.in_use(), 3u);
  EXPECT_EQ(queue.size(), a.size() + b.size() + c.size() + d.size());
  EXPECT_EQ(take_all(queue), a + b + c + d);
  EXPECT_TRUE(queue.empty());
  EXPECT_EQ(pool.in_use(), 0u);
  EXPECT_EQ(queue.written(), queue.popped());
}

// Aim: a piece that no chunk can hold is refused and costs nothing. Method: one octet too many.
TEST(ByteQueue, TooLargeForAChunk) {
  OctetPool pool(chunk_size, 8);
  ByteQueue queue(pool);
  EXPECT_EQ(queue.reserve(room + 1), nullptr);
  EXPECT_EQ(pool.in_use(), 0u);
  EXPECT_TRUE(put(queue, "x"));
  EXPECT_EQ(queue.reserve(room + 1), nullptr);
  EXPECT_EQ(pool.in_use(), 1u);
  EXPECT_EQ(take_all(queue), "x");
}

// Aim: pops of any size leave the rest where it was, so a send may be in flight over it. Method:
// pop octet by octet while more is appended.
TEST(ByteQueue, PartialPops) {
  OctetPool pool(chunk_size, 8);
  ByteQueue queue(pool);
  ASSERT_TRUE(put(queue, "0123456789"));
  const std::uint8_t* const where = queue.front().data();
  queue.pop(3);
  EXPECT_EQ(queue.front().data(), where + 3);
  ASSERT_TRUE(put(queue, "abc"));
  EXPECT_EQ(queue.front().data(), where + 3);
  EXPECT_EQ(as_text(queue.front()), "3456789abc");
  EXPECT_EQ(queue.popped(), 3u);
  EXPECT_EQ(queue.written(), 13u);
  EXPECT_EQ(take_all(queue), "3456789abc");
}

// Aim: an exhausted pool loses nothing: what comes then lies on the heap, and goes back there.
// Method: two pieces, filled, one more, popped.
TEST(ByteQueue, PoolExhaustion) {
  OctetPool pool(chunk_size, 2);
  ByteQueue queue(pool);
  ASSERT_TRUE(put(queue, std::string(room, 'a')));
  ASSERT_TRUE(put(queue, std::string(room, 'b')));
  EXPECT_EQ(pool.on_heap(), 0u);
  EXPECT_TRUE(put(queue, "c"));
  EXPECT_EQ(pool.on_heap(), 1u);
  EXPECT_EQ(take_all(queue), std::string(room, 'a') + std::string(room, 'b') + "c");
  EXPECT_TRUE(pool.empty());
  queue.append(as_octets(std::string(2 * room + 1, 'd')));
  EXPECT_EQ(pool.on_heap(), 1u);
  queue.clear();
  EXPECT_TRUE(pool.empty());
}

// Aim: an idle connection's few octets cost a small piece; a burst that outgrows it still leaves in
// one piece, unless the first octets are on their way already; who streams begins large. Method: a
// pool with both kinds.
TEST(ByteQueue, SmallPieces) {
  OctetPool pool(8192, 4, 4);
  ByteQueue queue(pool);
  ASSERT_TRUE(put(queue, "enquire_link"));
  EXPECT_EQ(pool.small_in_use(), 1u);
  EXPECT_EQ(pool.in_use(), 0u);
  EXPECT_EQ(queue.held(), OctetPool::small_size);
  ASSERT_TRUE(put(queue, std::string(2000, 'x')));
  EXPECT_EQ(pool.small_in_use(), 0u);
  EXPECT_EQ(queue.front().size(), 2012u);
  EXPECT_EQ(take_all(queue).size(), 2012u);
  ASSERT_TRUE(put(queue, "large, because the last burst was"));
  EXPECT_EQ(pool.in_use(), 1u);
  take_all(queue);
  ASSERT_TRUE(put(queue, "small again"));
  EXPECT_EQ(pool.small_in_use(), 1u);
  const std::uint8_t* const where = queue.front().data();
  queue.lend();
  ASSERT_TRUE(put(queue, std::string(2000, 'y')));
  EXPECT_EQ(queue.front().data(), where);
  EXPECT_EQ(take_all(queue).size(), 2011u);
  EXPECT_TRUE(pool.empty());
}

// Aim: small pieces that have run out are no reason to fail. Method: more queues than pieces.
TEST(ByteQueue, SmallPiecesRunOut) {
  OctetPool pool(8192, 4, 1);
  ByteQueue first(pool), second(pool);
  ASSERT_TRUE(put(first, "a"));
  ASSERT_TRUE(put(second, "b"));
  EXPECT_EQ(pool.small_in_use(), 1u);
  EXPECT_EQ(pool.in_use(), 1u);
}

// Aim: clear and the destructor give every chunk back. Method: count what is in use.
TEST(ByteQueue, GivesMemoryBack) {
  OctetPool pool(chunk_size, 8);
  {
    ByteQueue queue(pool);
    queue.append(as_octets(std::string(200, 'x')));
    queue.clear();
    EXPECT_TRUE(queue.empty());
    EXPECT_EQ(queue.size(), 0u);
    EXPECT_EQ(pool.in_use(), 0u);
    queue.append(as_octets(std::string(200, 'x')));
  }
  EXPECT_EQ(pool.in_use(), 0u);
}

// Aim: whatever the sizes, the queue is a stream. Method: random writes and pops against a string.
TEST(ByteQueue, RandomAgainstModel) {
  OctetPool pool(chunk_size, 8);
  ByteQueue queue(pool);
  std::string model;
  Prng prng(1);
  char next = 0;
  for (int step = 0; step < 100'000; ++step) {
    if (prng.chance(0.5)) {
      std::string piece(1 + prng.below(room), ' ');
      for (char& c : piece) c = next++;
      const bool reserve = prng.chance(0.5);
      if (reserve) {
        if (put(queue, piece)) model += piece;
      } else if (model.size() + piece.size() < 3 * room) {
        // A chunk may begin half empty, so this much always fits.
        queue.append(as_octets(piece));
        model += piece;
      }
    } else if (!queue.empty()) {
      const std::size_t size = prng.below(queue.front().size() + 1);
      ASSERT_EQ(as_text(queue.front()), model.substr(0, queue.front().size()));
      queue.pop(size);
      model.erase(0, size);
    }
    ASSERT_EQ(queue.size(), model.size());
    ASSERT_EQ(queue.empty(), model.empty());
    if (model.empty()) {
      ASSERT_EQ(pool.in_use(), 0u);
    }
  }
}

// Aim: popping more than the front is our own mistake and is caught. Method: death test.
TEST(ByteQueueDeathTest, PopsTooMuch) {
  OctetPool pool(chunk_size, 2);
  ByteQueue queue(pool);
  ASSERT_TRUE(put(queue, "abc"));
  EXPECT_DEATH(queue.pop(4), "assertion failed");
}

}  // namespace
}  // namespace ringgate
