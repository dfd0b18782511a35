// A fixed number of raw buffers of one size, allocated at start.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/assert.h"
#include "base/block_pool.h"

namespace ringgate {

/// `count` chunks of `chunk_size` octets, each on its own 64-octet cache lines, untouched until
/// used. The content of a chunk is undefined when taken. The destructor frees everything, taken or
/// not. One thread.
class ChunkPool {
 public:
  ChunkPool(std::uint32_t chunk_size, std::uint32_t count)
      : chunk_size_(chunk_size), blocks_((std::size_t{chunk_size} + 63) / 64 * 64, count) {}

  /// A free chunk, or null when all are in use.
  std::uint8_t* take() {
    const std::uint32_t index = blocks_.take();
    if (index == BlockPool::none) [[unlikely]]
      return nullptr;
    return blocks_.at(index);
  }

  /// Takes back a chunk, given as the address that take() returned.
  void give(std::uint8_t* chunk) {
    ASSERT(chunk >= blocks_.base());
    const auto offset = static_cast<std::size_t>(chunk - blocks_.base());
    const std::size_t index = offset / blocks_.stride();
    ASSERT(index * blocks_.stride() == offset);
    ASSERT(index < capacity());
    blocks_.give(static_cast<std::uint32_t>(index));
  }

  /// Octets per chunk, as asked for.
  std::uint32_t chunk_size() const { return chunk_size_; }
  std::uint32_t in_use() const { return blocks_.in_use(); }
  std::uint32_t capacity() const { return blocks_.capacity(); }

 private:
  std::uint32_t chunk_size_;
  BlockPool blocks_;
};

}  // namespace ringgate
