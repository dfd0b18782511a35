// Memory for octets that wait for a socket: small pieces for the many that are idle, large ones for
// the few that stream.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "base/assert.h"
#include "base/chunk_pool.h"

namespace ringgate {

/// Two pools, and the heap behind them. Who takes here has said yes to a request already and must
/// be able to answer it, so taking never fails; what keeps memory bounded is that owners stop
/// taking on new work while much is in use (shard/shares.h). The heap serves what is then still
/// owed: answers to requests in hand, no more than windows allow. One thread.
class OctetPool {
 public:
  static constexpr std::uint32_t small_size = 1024;

  enum class Home : std::uint8_t { small, large, heap };
  struct Piece {
    std::uint8_t* memory = nullptr;
    std::uint32_t size = 0;
    Home home = Home::small;
  };

  /// `large_size` octets each; `small_count` may be 0, then every piece is large.
  OctetPool(std::uint32_t large_size, std::uint32_t large_count, std::uint32_t small_count = 0)
      : large_(large_size, large_count),
        small_(small_size, small_count == 0 ? 1 : small_count),
        small_count_(small_count) {}

  /// A small piece, if there is one left.
  Piece take_small() {
    if (small_.in_use() >= small_count_) return {};
    return {small_.take(), small_size, Home::small};
  }
  /// A large piece; never none.
  Piece take_large() {
    if (std::uint8_t* const memory = large_.take()) [[likely]]
      return {memory, large_size(), Home::large};
    auto* const memory = static_cast<std::uint8_t*>(std::malloc(large_size()));
    ASSERT(memory != nullptr);
    ++on_heap_;
    return {memory, large_size(), Home::heap};
  }
  void give(const Piece& piece) {
    switch (piece.home) {
      case Home::small:
        return small_.give(piece.memory);
      case Home::large:
        return large_.give(piece.memory);
      case Home::heap:
        --on_heap_;
        return std::free(piece.memory);
    }
  }

  std::uint32_t large_size() const { return large_.chunk_size(); }
  /// Large pieces in use, those of the heap among them, and how many the pool has.
  std::uint32_t in_use() const { return large_.in_use() + on_heap_; }
  std::uint32_t capacity() const { return large_.capacity(); }
  std::uint32_t small_in_use() const { return small_.in_use(); }
  std::uint32_t on_heap() const { return on_heap_; }
  bool empty() const { return in_use() == 0 && small_in_use() == 0; }

 private:
  ChunkPool large_;
  ChunkPool small_;
  std::uint32_t small_count_;
  std::uint32_t on_heap_ = 0;
};

}  // namespace ringgate
