// Octets on their way to a socket: a chain of pooled pieces, appended at one end and sent from the
// other.
//
//   piece ─> piece        [ Head | popped | waiting, or lent to a send | room ]
//                                         ^ begin                      ^ end
//
// An idle queue holds no memory. Octets keep their place once they were lent to a send, so that may
// be in flight over the front while more are appended behind it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>

#include <ringgate/types.h>

#include "base/assert.h"
#include "base/octet_pool.h"
#include "base/rarely.h"

namespace ringgate {

class ByteQueue {
 public:
  /// The pool outlives the queue.
  explicit ByteQueue(OctetPool& pool) : pool_(pool) {}
  ~ByteQueue() { clear(); }
  ByteQueue(const ByteQueue&) = delete;
  ByteQueue& operator=(const ByteQueue&) = delete;

  /// `size` contiguous octets to write to, or null when no piece could ever hold that many. Nothing
  /// counts until commit().
  std::uint8_t* reserve(std::size_t size) {
    if (tail_ == nullptr || tail_->piece.size - tail_->end < size ||
        (is_half_full() && RARELY("a PDU begins a piece of memory"))) [[unlikely]] {
      if (size > pool_.large_size() - sizeof(Head)) return nullptr;
      grow(size);
    }
    return base(tail_) + tail_->end;
  }

  /// Makes the first `size` reserved octets part of the queue.
  void commit(std::size_t size) {
    tail_->end += static_cast<std::uint32_t>(size);
    written_ += size;
  }

  /// Appends a copy, over as many pieces as it takes.
  void append(Octets octets) {
    while (!octets.empty()) {
      if (tail_ == nullptr || tail_->end == tail_->piece.size ||
          (is_half_full() && RARELY("octets begin a piece of memory")))
        grow(octets.size());
      const std::size_t room = tail_->piece.size - tail_->end;
      const std::size_t size = octets.size() < room ? octets.size() : room;
      std::memcpy(base(tail_) + tail_->end, octets.data(), size);
      commit(size);
      octets = octets.subspan(size);
    }
  }

  /// The longest contiguous piece at the front; empty when the queue is. Good until popped if lent,
  /// else until the next octets come.
  Octets front() const {
    if (head_ == nullptr) return {};
    return {base(head_) + head_->begin, head_->end - head_->begin};
  }
  /// Copies the first octets, `size` or as many as there are; returns their number.
  std::size_t peek(std::uint8_t* to, std::size_t size) const {
    std::size_t done = 0;
    for (const Head* at = head_; at != nullptr && done != size; at = at->next) {
      const std::size_t piece = std::min<std::size_t>(size - done, at->end - at->begin);
      std::memcpy(to + done, reinterpret_cast<const std::uint8_t*>(at) + at->begin, piece);
      done += piece;
    }
    return done;
  }
  /// The front is given to a send: its octets stay where they are until popped.
  void lend() { lent_ = true; }

  /// Forgets the first `size` octets, which lie within front().
  void pop(std::size_t size) {
    ASSERT(head_ != nullptr && size <= head_->end - head_->begin);
    lent_ = false;
    head_->begin += static_cast<std::uint32_t>(size);
    popped_ += size;
    if (head_->begin != head_->end) return;
    if (head_ == tail_) streams_ = head_->end - sizeof(Head) > small_room;
    drop_head();
  }

  void clear() {
    while (head_ != nullptr) drop_head();
    lent_ = false;
    popped_ = written_;
  }

  bool empty() const { return written_ == popped_; }
  std::uint64_t size() const { return written_ - popped_; }
  /// Octets of memory held.
  std::uint64_t held() const { return held_; }
  /// Stream positions: octets ever committed, and ever popped.
  std::uint64_t written() const { return written_; }
  std::uint64_t popped() const { return popped_; }

 private:
  struct Head {  // at the head of each piece's own memory
    Head* next;
    OctetPool::Piece piece;
    std::uint32_t begin;  // offsets from the piece's start
    std::uint32_t end;
  };
  static constexpr std::size_t small_room = OctetPool::small_size - sizeof(Head);

  static std::uint8_t* base(Head* head) { return reinterpret_cast<std::uint8_t*>(head); }
  bool is_half_full() const { return tail_->end > tail_->piece.size / 2; }

  /// The first piece of a burst is small, unless the burst before did not fit one. What outgrows a
  /// small piece moves out of it, so that a burst still leaves in one send.
  void grow(std::size_t size) {
    OctetPool::Piece piece;
    const bool small = head_ == nullptr && !streams_ && size <= small_room;
    if (small && !RARELY("there is no small piece of memory")) piece = pool_.take_small();
    if (piece.memory == nullptr) piece = pool_.take_large();
    auto* const fresh = reinterpret_cast<Head*>(piece.memory);
    *fresh = {nullptr, piece, sizeof(Head), sizeof(Head)};
    held_ += piece.size;
    const bool moves = head_ != nullptr && head_ == tail_ && !lent_ &&
                       head_->piece.home == OctetPool::Home::small &&
                       size + front().size() <= piece.size - sizeof(Head);
    if (moves) {
      const Octets there = front();
      std::memcpy(base(fresh) + fresh->end, there.data(), there.size());
      fresh->end += static_cast<std::uint32_t>(there.size());
      drop_head();
    }
    if (tail_ == nullptr)
      head_ = fresh;
    else
      tail_->next = fresh;
    tail_ = fresh;
  }

  void drop_head() {
    Head* const done = head_;
    head_ = done->next;
    if (head_ == nullptr) tail_ = nullptr;
    held_ -= done->piece.size;
    pool_.give(done->piece);
  }

  OctetPool& pool_;
  Head* head_ = nullptr;
  Head* tail_ = nullptr;
  std::uint64_t written_ = 0;
  std::uint64_t popped_ = 0;
  std::uint32_t held_ = 0;
  bool lent_ = false;
  bool streams_ = false;  // the last burst filled more than a small piece
};

}  // namespace ringgate
