// The head of a PDU whose rest has not arrived yet.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>

#include <ringgate/types.h>

#include "base/chunk_pool.h"
#include "base/rarely.h"
#include "wire/frame.h"

namespace ringgate {

/// Holds one PDU at most. Small ones lie in a pooled chunk; the rare large one (message_payload)
/// takes heap memory, which grows with what has arrived: a header that claims much costs nothing.
class Carry {
 public:
  explicit Carry(ChunkPool& pool) : pool_(pool) {}
  ~Carry() { release(); }
  Carry(const Carry&) = delete;
  Carry& operator=(const Carry&) = delete;

  bool empty() const { return size_ == 0; }
  Octets octets() const { return {data_, size_}; }
  /// Octets of memory held.
  std::uint32_t held() const { return capacity_; }

  /// Takes from `input` what the PDU still lacks, and not an octet more. Returns what the framer
  /// says of the result.
  wire::Frame fill(Octets& input, std::uint32_t pdu_size_max) {
    take(input, 4);
    wire::Frame frame = wire::next_frame(octets(), pdu_size_max);
    if (frame.size == 0 || frame.state == wire::FrameState::lost) return frame;
    take(input, frame.size);
    return wire::next_frame(octets(), pdu_size_max);
  }

  void release() {
    if (data_ == nullptr) return;
    if (pooled_)
      pool_.give(data_);
    else
      delete[] data_;
    data_ = nullptr;
    size_ = capacity_ = 0;
  }

 private:
  void take(Octets& input, std::uint32_t wanted) {
    if (size_ >= wanted || input.empty()) return;
    const std::size_t count = std::min<std::size_t>(wanted - size_, input.size());
    const auto needed = static_cast<std::uint32_t>(size_ + count);
    if (capacity_ < needed) grow(std::min(wanted, std::max(needed, 2 * capacity_)));
    std::memcpy(data_ + size_, input.data(), count);
    size_ += static_cast<std::uint32_t>(count);
    input = input.subspan(count);
  }

  void grow(std::uint32_t wanted) {
    const bool fits = wanted <= pool_.chunk_size() && !RARELY("there is no chunk for half a PDU");
    std::uint8_t* larger = fits ? pool_.take() : nullptr;
    const bool pooled = larger != nullptr;
    if (!pooled) larger = new std::uint8_t[wanted];
    const std::uint32_t kept = size_;
    if (kept != 0) std::memcpy(larger, data_, kept);
    release();
    data_ = larger;
    size_ = kept;
    capacity_ = pooled ? pool_.chunk_size() : wanted;
    pooled_ = pooled;
  }

  ChunkPool& pool_;
  std::uint8_t* data_ = nullptr;
  std::uint32_t size_ = 0;
  std::uint32_t capacity_ = 0;
  bool pooled_ = false;
};

}  // namespace ringgate
