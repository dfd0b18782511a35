#include "message/speck.h"

#include <gtest/gtest.h>

#include "base/prng.h"

namespace ringgate {
namespace {

Speck48::Key random_key(Prng& prng) {
  Speck48::Key key;
  for (std::uint8_t& octet : key) octet = static_cast<std::uint8_t>(prng.next());
  return key;
}

// Aim: it is the published cipher. Method: the test vector of its authors (appendix C).
TEST(Speck48, TestVector) {
  const Speck48 cipher({0x00, 0x01, 0x02, 0x08, 0x09, 0x0A, 0x10, 0x11, 0x12, 0x18, 0x19, 0x1A});
  EXPECT_EQ(cipher.encrypt(0x6D2073696874), 0x735E10B6445DU);
  EXPECT_EQ(cipher.decrypt(0x735E10B6445D), 0x6D2073696874U);
}

// Aim: decrypt(encrypt(x)) is x within 48 bits, and a run says the same as one by one, also where
// the 48 bits begin anew. Method: random keys and blocks.
TEST(Speck48, RoundTrip) {
  constexpr std::uint64_t mask = (std::uint64_t{1} << 48) - 1;
  constexpr std::uint64_t prefix = 0x0102'0000'0000'0000;
  Prng prng(1);
  for (int round = 0; round < 200; ++round) {
    const Speck48 cipher(random_key(prng));
    const std::uint64_t first = round == 0 ? mask - 5 : prng.next() & mask;
    Speck48::Run run;
    cipher.encrypt_run(first, prefix, run);
    for (std::size_t i = 0; i < run.size(); ++i) {
      const std::uint64_t block = (first + i) & mask;
      const std::uint64_t encrypted = cipher.encrypt(block);
      ASSERT_EQ(encrypted & ~mask, 0U);
      ASSERT_EQ(cipher.decrypt(encrypted), block);
      ASSERT_EQ(run[i], prefix | encrypted);
    }
  }
}

}  // namespace
}  // namespace ringgate
