// What a fuzz target is, and how it reads its input.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <ringgate/types.h>

#include "base/assert.h"

namespace ringgate::fuzz {

/// Reads an input from the front. What is not there reads as zeros, so that every input means
/// something and a shorter one is always a valid one.
class Input {
 public:
  explicit Input(Octets octets) : octets_(octets) {}

  bool empty() const { return octets_.empty(); }
  std::uint8_t u8() {
    if (octets_.empty()) return 0;
    const std::uint8_t value = octets_[0];
    octets_ = octets_.subspan(1);
    return value;
  }
  std::uint16_t u16() {
    const unsigned high = u8();
    return static_cast<std::uint16_t>(high << 8 | u8());
  }
  std::uint32_t u32() {
    const std::uint32_t high = u16();
    return high << 16 | u16();
  }
  std::uint64_t u64() {
    const std::uint64_t high = u32();
    return high << 32 | u32();
  }
  /// Up to `size` octets.
  Octets take(std::size_t size) {
    const Octets taken = octets_.first(std::min(size, octets_.size()));
    octets_ = octets_.subspan(taken.size());
    return taken;
  }
  /// Octets with their count, of one octet, in front.
  Octets counted() {
    const std::size_t size = u8();
    return take(size);
  }
  Octets rest() { return take(octets_.size()); }

 private:
  Octets octets_;
};

/// Octets in memory of exactly their size, where the sanitizer sees a read beyond them, and where a
/// view kept after this is gone points to nothing.
class ExactCopy {
 public:
  explicit ExactCopy(Octets from)
      : size_(from.size()), memory_(std::make_unique<std::uint8_t[]>(from.size())) {
    std::copy(from.begin(), from.end(), memory_.get());
  }
  Octets octets() const { return {memory_.get(), size_}; }

 private:
  std::size_t size_;
  std::unique_ptr<std::uint8_t[]> memory_;
};

/// What seeds are made of.
struct SeedSource {
  std::vector<std::string> pdus;  ///< the golden ones, faulty ones among them
  std::string example_config;
};

/// Inputs to begin with, each in the form in which its target reads it.
using Seeds = std::vector<std::string>;

struct Target {
  std::string_view name;
  /// Runs one input; a fault ends the process by ASSERT or by the sanitizer.
  void (*run)(Octets input);
  Seeds (*seeds)(const SeedSource& source);
};

std::span<const Target> targets();
/// Null for an unknown name.
const Target* find_target(std::string_view name);

// The two functions of each target lie in the file of its name.
#define RINGGATE_FUZZ_TARGET(name) \
  void run_##name(Octets input);   \
  Seeds seeds_of_##name(const SeedSource& source)
RINGGATE_FUZZ_TARGET(canary);
RINGGATE_FUZZ_TARGET(config);
RINGGATE_FUZZ_TARGET(forgery);
RINGGATE_FUZZ_TARGET(framing);
RINGGATE_FUZZ_TARGET(journal);
RINGGATE_FUZZ_TARGET(pdu);
RINGGATE_FUZZ_TARGET(proxy_header);
RINGGATE_FUZZ_TARGET(receipt);
RINGGATE_FUZZ_TARGET(session);
RINGGATE_FUZZ_TARGET(text);
RINGGATE_FUZZ_TARGET(tlv);
#undef RINGGATE_FUZZ_TARGET

/// What the canary looks for. Coverage leads libFuzzer there; the standalone build, which does not
/// look at coverage, has it from the dictionary.
inline constexpr std::string_view canary_magic = "ring";

}  // namespace ringgate::fuzz
