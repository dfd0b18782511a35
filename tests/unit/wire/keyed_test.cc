#include "wire/keyed.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "base/prng.h"

namespace ringgate::wire {
namespace {

std::string keyed(std::uint16_t tag, std::string_view value) {
  std::string out(keyed_header_size + value.size(), '\0');
  auto* const to = reinterpret_cast<std::uint8_t*>(out.data());
  EXPECT_EQ(write_keyed(tag, as_octets(value), to), to + out.size());
  return out;
}

/// Octets in memory of exactly their size, so that the sanitizer sees a read past them.
struct Exact {
  explicit Exact(std::string_view text)
      : memory(std::make_unique<std::uint8_t[]>(text.size())), octets(memory.get(), text.size()) {
    if (!text.empty()) std::memcpy(memory.get(), text.data(), text.size());
  }
  std::unique_ptr<std::uint8_t[]> memory;
  Octets octets;
};

// Aim: tag and length are big-endian, the length counts the value only. Method: exact octets.
TEST(Keyed, Layout) {
  EXPECT_EQ(keyed(0x0204, "\x12\x34"), std::string("\x02\x04\x00\x02\x12\x34", 6));
  EXPECT_EQ(keyed(0x130C, ""), std::string("\x13\x0C\x00\x00", 4));
}

// Aim: what is written is read again, in order, whatever tags and sizes. Method: random streams.
TEST(Keyed, ReadsWhatWasWritten) {
  Prng prng(1);
  for (int round = 0; round < 500; ++round) {
    std::string stream;
    std::vector<std::pair<std::uint16_t, std::string>> expected;
    for (std::uint64_t left = prng.below(12); left > 0; --left) {
      const auto tag = static_cast<std::uint16_t>(prng.next());
      std::string value(prng.below(50), static_cast<char>(prng.next()));
      if (prng.chance(0.02)) value.resize(65'535);
      stream += keyed(tag, value);
      expected.emplace_back(tag, value);
    }
    const Exact exact(stream);
    Cursor cursor{exact.octets.data(), exact.octets.data() + exact.octets.size()};
    for (const auto& [tag, value] : expected) {
      const auto item = next_keyed(cursor);
      ASSERT_TRUE(item);
      ASSERT_EQ(item->tag, tag);
      ASSERT_EQ(as_text(item->value), value);
    }
    ASSERT_EQ(cursor.left(), 0u);
    ASSERT_FALSE(next_keyed(cursor));
  }
}

// Aim: a parameter that ends early is none, and the cursor stays. Method: every cut of two
// parameters, in memory of exactly that size.
TEST(Keyed, CutShort) {
  const std::string first = keyed(1, "abc");
  const std::string stream = first + keyed(2, "defgh");
  for (std::size_t size = 0; size <= stream.size(); ++size) {
    const Exact exact(std::string_view(stream).substr(0, size));
    Cursor cursor{exact.octets.data(), exact.octets.data() + size};
    EXPECT_EQ(next_keyed(cursor).has_value(), size >= first.size());
    if (size < first.size()) {
      EXPECT_EQ(cursor.left(), size);
      continue;
    }
    EXPECT_EQ(next_keyed(cursor).has_value(), size == stream.size());
  }
}

// Aim: of a parameter that occurs twice the first counts (A27), and an absent one is not found.
// Method: look for each tag of a small stream.
TEST(Keyed, FindsTheFirst) {
  const std::string stream = keyed(5, "one") + keyed(7, "") + keyed(5, "two");
  const Exact exact(stream);
  const auto five = find_keyed(exact.octets, 5);
  ASSERT_TRUE(five);
  EXPECT_EQ(as_text(*five), "one");
  const auto seven = find_keyed(exact.octets, 7);
  ASSERT_TRUE(seven);
  EXPECT_TRUE(seven->empty());
  EXPECT_FALSE(find_keyed(exact.octets, 6));
  EXPECT_FALSE(find_keyed({}, 5));
}

}  // namespace
}  // namespace ringgate::wire
