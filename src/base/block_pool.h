// Equal blocks of raw memory behind Slab and ChunkPool.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <limits>

#include "base/assert.h"

#if defined(__SANITIZE_ADDRESS__)
#define RINGGATE_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define RINGGATE_ASAN 1
#endif
#endif
#ifdef RINGGATE_ASAN
#include <sanitizer/asan_interface.h>
#endif

namespace ringgate {

/// `capacity` blocks of `stride` octets in one allocation, named by index. Blocks below the
/// high-water mark that are free form a last-in first-out list (the block given back last is the
/// one still in cache), whose links lie in the blocks themselves. Memory above the mark has never
/// been touched, so a generous pool costs address space only. Addresses are stable. Under
/// AddressSanitizer a free block is poisoned, since a pool would otherwise hide use after free. One
/// thread.
class BlockPool {
 public:
  static constexpr std::uint32_t none = std::numeric_limits<std::uint32_t>::max();
  static constexpr std::size_t alignment = 4096;

  BlockPool(std::size_t stride, std::uint32_t capacity) : stride_(stride), capacity_(capacity) {
    ASSERT(stride >= sizeof(std::uint32_t));
    ASSERT(capacity > 0);
    ASSERT(capacity < none);
    ASSERT(stride <= (std::numeric_limits<std::size_t>::max() - alignment) / capacity);
    const std::size_t size = (stride * capacity + alignment - 1) / alignment * alignment;
    base_ = static_cast<std::uint8_t*>(std::aligned_alloc(alignment, size));
    ASSERT(base_ != nullptr);
#ifdef RINGGATE_ASAN
    __asan_poison_memory_region(base_, stride * capacity);
#endif
  }
  BlockPool(const BlockPool&) = delete;
  BlockPool& operator=(const BlockPool&) = delete;
  ~BlockPool() {
#ifdef RINGGATE_ASAN
    __asan_unpoison_memory_region(base_, stride_ * capacity_);
#endif
    std::free(base_);
  }

  /// The index of a free block with undefined content, or `none`.
  std::uint32_t take() {
    std::uint32_t index = free_first_;
    if (index != none) {
      unpoison(index);
      std::memcpy(&free_first_, at(index), sizeof free_first_);
    } else if (touched_ < capacity_) {
      index = touched_++;
      unpoison(index);
    } else {
      return none;
    }
    ++in_use_;
    return index;
  }

  /// Takes back a block that take() handed out and that was not given since.
  void give(std::uint32_t index) {
    ASSERT(index < touched_);
    ASSERT(in_use_ > 0);
    std::memcpy(at(index), &free_first_, sizeof free_first_);
    free_first_ = index;
    --in_use_;
#ifdef RINGGATE_ASAN
    __asan_poison_memory_region(at(index), stride_);
#endif
  }

  std::uint8_t* at(std::uint32_t index) const { return base_ + stride_ * index; }
  std::uint8_t* base() const { return base_; }
  std::size_t stride() const { return stride_; }
  std::uint32_t capacity() const { return capacity_; }
  std::uint32_t in_use() const { return in_use_; }

 private:
  void unpoison([[maybe_unused]] std::uint32_t index) {
#ifdef RINGGATE_ASAN
    __asan_unpoison_memory_region(at(index), stride_);
#endif
  }

  std::uint8_t* base_;
  std::size_t stride_;
  std::uint32_t capacity_;
  std::uint32_t touched_ = 0;  // The high-water mark: blocks from here on were never handed out.
  std::uint32_t free_first_ = none;
  std::uint32_t in_use_ = 0;
};

}  // namespace ringgate
