#include "session/carry.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "../smpp/pdu_builder.h"
#include "base/prng.h"

namespace ringgate {
namespace {

using testing::PduBuilder;
constexpr std::uint32_t limit = 70'000;

std::string pdu_of(std::size_t size, char fill = 'x') {
  return PduBuilder(4).raw(std::string(size - 16, fill)).pdu();
}

// Aim: of the octets offered, the PDU under way is taken and nothing of the next one. Method: two
// PDUs, cut at every place.
TEST(Carry, TakesOnePduAndNoMore) {
  const std::string first = pdu_of(40, 'a'), second = pdu_of(30, 'b'), both = first + second;
  for (std::size_t cut = 1; cut < first.size(); ++cut) {
    ChunkPool pool(64, 1);
    Carry carry(pool);
    Octets head = as_octets(std::string_view(both).substr(0, cut));
    EXPECT_EQ(carry.fill(head, limit).state, wire::FrameState::partial);
    EXPECT_TRUE(head.empty());
    EXPECT_FALSE(carry.empty());
    Octets tail = as_octets(std::string_view(both).substr(cut));
    const wire::Frame frame = carry.fill(tail, limit);
    EXPECT_EQ(frame.state, wire::FrameState::whole);
    EXPECT_EQ(frame.size, first.size());
    EXPECT_EQ(as_text(carry.octets()), first);
    EXPECT_EQ(as_text(tail), second);
    carry.release();
    EXPECT_TRUE(carry.empty());
    EXPECT_EQ(pool.in_use(), 0u);
  }
}

// Aim: an impossible length is noticed with its fourth octet, and the carry takes nothing more.
// Method: lengths on both sides of what is allowed.
TEST(Carry, Lost) {
  for (const std::uint32_t length : {0u, 15u, limit + 1, 0xFFFFFFFFu}) {
    ChunkPool pool(64, 1);
    Carry carry(pool);
    const std::string octets = PduBuilder(4).pdu(length) + std::string(1000, 'x');
    Octets input = as_octets(octets);
    EXPECT_EQ(carry.fill(input, limit).state, wire::FrameState::lost);
    EXPECT_EQ(carry.octets().size(), 4u);
    EXPECT_EQ(input.size(), octets.size() - 4);
  }
}

// Aim: PDUs of every size arrive whole in any pieces; small ones in the pool, large ones and those
// for which the pool has nothing left on the heap. Method: random sizes and cuts, an empty pool.
TEST(Carry, AnySizeInAnyPieces) {
  Prng prng(1);
  for (int round = 0; round < 2'000; ++round) {
    ChunkPool pool(64, 1);
    std::uint8_t* const taken = round % 3 == 0 ? pool.take() : nullptr;
    Carry carry(pool);
    const std::string pdu =
        pdu_of(16 + prng.below(prng.chance(0.1) ? limit - 15 : 200), static_cast<char>(round));
    std::size_t at = 0;
    wire::Frame frame;
    while (frame.state != wire::FrameState::whole) {
      ASSERT_LT(at, pdu.size());
      const std::size_t size =
          std::min<std::size_t>(1 + prng.below(prng.chance(0.5) ? 4 : 5'000), pdu.size() - at);
      // Memory of exactly that size shows a read past it.
      const auto piece = std::make_unique<std::uint8_t[]>(size);
      std::memcpy(piece.get(), pdu.data() + at, size);
      Octets input(piece.get(), size);
      frame = carry.fill(input, limit);
      at += size - input.size();
    }
    ASSERT_EQ(at, pdu.size());
    ASSERT_EQ(as_text(carry.octets()), pdu);
    const bool pooled = taken == nullptr && pdu.size() <= 64;
    ASSERT_EQ(pool.in_use(), pooled || taken != nullptr ? 1u : 0u);
    carry.release();
    if (taken != nullptr) pool.give(taken);
    ASSERT_EQ(pool.in_use(), 0u);
  }
}

// Aim: a carry that ends with half a PDU gives its memory back. Method: scopes.
TEST(Carry, GivesMemoryBack) {
  ChunkPool pool(64, 1);
  {
    Carry carry(pool);
    const std::string half = pdu_of(60).substr(0, 30);
    Octets input = as_octets(half);
    EXPECT_EQ(carry.fill(input, limit).state, wire::FrameState::partial);
    EXPECT_EQ(pool.in_use(), 1u);
  }
  EXPECT_EQ(pool.in_use(), 0u);
}

}  // namespace
}  // namespace ringgate
