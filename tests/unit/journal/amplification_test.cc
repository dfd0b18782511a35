// How much is written for what is accepted. The table of docs/durability.md is what this prints.
#include <gtest/gtest.h>

#include <cstdio>

#include "base/prng.h"
#include "fake_disk.h"

namespace ringgate::journal::test {
namespace {

constexpr std::uint32_t files = 32;
constexpr std::size_t turn_octets = 64 * 1024;

struct Store {
  Store() : rig(files, files) { rig.commit(); }

  std::size_t size_of_message(std::size_t text_size) {
    const std::uint32_t slot = accept(text_size);
    const std::size_t size = rig.messages.at(slot).size;
    close(0);
    return size;
  }
  std::uint32_t accept(std::size_t text_size) {
    open.push_back(rig.accept(text_size));
    return open.back();
  }
  /// Any of them.
  void close(std::uint64_t index) {
    rig.close(open[index]);
    open[index] = open.back();
    open.pop_back();
  }

  Rig rig;
  std::vector<std::uint32_t> open;
};

/// Octets written for an octet accepted, while so much of what may be open is open, and each
/// message that comes is one that goes, whichever it is.
double amplification(std::size_t text_size, double share, std::size_t per_turn) {
  Store store;
  Rig& rig = store.rig;
  const std::size_t size = store.size_of_message(text_size);
  rig.settle();
  while (rig.journal->admit(size) == Room::ok) {
    store.accept(text_size);
    if (store.open.size() % 64 == 0) rig.settle();
  }
  rig.settle();
  Prng prng(1);
  const auto open = static_cast<std::size_t>(static_cast<double>(store.open.size()) * share);
  while (store.open.size() > open) {
    for (int i = 0; i < 64 && store.open.size() > open; ++i)
      store.close(prng.below(store.open.size()));
    rig.settle();
  }
  std::uint64_t written = 0, accepted = 0;
  // Two stores full until it has found its pace, and then some more.
  for (int round = 0; round < 2; ++round) {
    written = rig.journal->octets_written();
    accepted = rig.journal->octets_accepted();
    const std::uint64_t until = accepted + files * segment_size * 2 / (per_turn == 1 ? 4 : 1);
    for (int turn = 0; rig.journal->octets_accepted() < until; ++turn) {
      if (turn > 1'000'000) {
        ADD_FAILURE() << "no room comes back";
        return 0;
      }
      for (std::size_t i = 0; i < per_turn; ++i) {
        if (rig.journal->admit(size) != Room::ok) break;
        store.accept(text_size);
        store.close(prng.below(store.open.size()));
      }
      rig.settle();
    }
  }
  EXPECT_EQ(rig.journal->files(), files);
  return static_cast<double>(rig.journal->octets_written() - written) /
         static_cast<double>(rig.journal->octets_accepted() - accepted);
}

// Aim: write amplification is bounded: whatever is open, an octet that is accepted is copied less
// than three times. Method: stores of which a tenth, a half and nine tenths of what they take are
// open, messages of three sizes, batches of 64 KiB; prints the table that is in the docs.
TEST(Amplification, IsBounded) {
  std::printf("| text | 10 %% | 50 %% | 90 %% |\n|---|---|---|---|\n");
  for (const std::size_t text_size : {160UL, 1'000UL, 60'000UL}) {
    std::printf("| %zu |", text_size);
    for (const double share : {0.1, 0.5, 0.9}) {
      const double factor =
          amplification(text_size, share, std::max<std::size_t>(1, turn_octets / (text_size + 80)));
      std::printf(" %.1f |", factor);
      EXPECT_LT(factor, 4) << text_size << " octets, open: " << share;
      EXPECT_GE(factor, 1);
    }
    std::printf("\n");
  }
}

// Aim: a message that comes alone costs its block, and no more than that beside its copies. Method:
// as above, with one message in a turn.
TEST(Amplification, OneByOne) {
  for (const double share : {0.1, 0.5, 0.9}) {
    const double factor = amplification(160, share, 1);
    const double block = static_cast<double>(block_size) / 256;
    std::printf("one by one, 160 octets, %.0f %% open: %.1f\n", share * 100, factor);
    EXPECT_LT(factor, 4 * block);
  }
}

}  // namespace
}  // namespace ringgate::journal::test
