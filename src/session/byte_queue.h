// Octets on their way to a socket: a chain of pooled chunks, appended at one end and sent from the
// other.
//
// An idle queue holds no memory. Octets keep their place until popped, so a send may be in flight
// over the front while more are appended behind it.
#pragma once

#include <cstdint>
#include <cstring>

#include <ringgate/types.h>

#include "base/assert.h"
#include "base/chunk_pool.h"

namespace ringgate {

class ByteQueue {
 public:
  /// The pool outlives the queue.
  explicit ByteQueue(ChunkPool& pool) : pool_(pool) {}
  ~ByteQueue() { clear(); }
  ByteQueue(const ByteQueue&) = delete;
  ByteQueue& operator=(const ByteQueue&) = delete;

  /// `size` contiguous octets to write to, or null when the pool is empty or no chunk could ever
  /// hold that many. Nothing counts until commit().
  std::uint8_t* reserve(std::size_t size) {
    if (tail_ == nullptr || capacity() - tail_->end < size) [[unlikely]] {
      if (size > capacity() - sizeof(Chunk) || !grow()) return nullptr;
    }
    return base(tail_) + tail_->end;
  }

  /// Makes the first `size` reserved octets part of the queue.
  void commit(std::size_t size) {
    tail_->end += static_cast<std::uint32_t>(size);
    written_ += size;
  }

  /// Appends a copy, over as many chunks as it takes. False when the pool ran dry: then part of it
  /// may be in, and the stream is of no more use.
  bool append(Octets octets) {
    while (!octets.empty()) {
      if ((tail_ == nullptr || tail_->end == capacity()) && !grow()) return false;
      const std::size_t room = capacity() - tail_->end;
      const std::size_t size = octets.size() < room ? octets.size() : room;
      std::memcpy(base(tail_) + tail_->end, octets.data(), size);
      commit(size);
      octets = octets.subspan(size);
    }
    return true;
  }

  /// The longest contiguous piece at the front; empty when the queue is. Good until popped.
  Octets front() const {
    if (head_ == nullptr) return {};
    return {base(head_) + head_->begin, head_->end - head_->begin};
  }

  /// Forgets the first `size` octets, which lie within front().
  void pop(std::size_t size) {
    ASSERT(head_ != nullptr && size <= head_->end - head_->begin);
    head_->begin += static_cast<std::uint32_t>(size);
    popped_ += size;
    if (head_->begin != head_->end) return;
    Chunk* const done = head_;
    head_ = done->next;
    if (head_ == nullptr) tail_ = nullptr;
    pool_.give(base(done));
  }

  void clear() {
    while (head_ != nullptr) {
      Chunk* const done = head_;
      head_ = done->next;
      pool_.give(base(done));
    }
    tail_ = nullptr;
    popped_ = written_;
  }

  bool empty() const { return written_ == popped_; }
  std::uint64_t size() const { return written_ - popped_; }
  /// Stream positions: octets ever committed, and ever popped.
  std::uint64_t written() const { return written_; }
  std::uint64_t popped() const { return popped_; }

 private:
  struct Chunk {  // at the head of each chunk's own memory
    Chunk* next;
    std::uint32_t begin;  // offsets from the chunk's start
    std::uint32_t end;
  };

  static std::uint8_t* base(Chunk* chunk) { return reinterpret_cast<std::uint8_t*>(chunk); }
  std::uint32_t capacity() const { return pool_.chunk_size(); }

  bool grow() {
    std::uint8_t* const memory = pool_.take();
    if (memory == nullptr) return false;
    auto* chunk = reinterpret_cast<Chunk*>(memory);
    *chunk = {nullptr, sizeof(Chunk), sizeof(Chunk)};
    if (tail_ == nullptr)
      head_ = chunk;
    else
      tail_->next = chunk;
    tail_ = chunk;
    return true;
  }

  ChunkPool& pool_;
  Chunk* head_ = nullptr;
  Chunk* tail_ = nullptr;
  std::uint64_t written_ = 0;
  std::uint64_t popped_ = 0;
};

}  // namespace ringgate
