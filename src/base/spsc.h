// A bounded queue between exactly two threads, without locks.
#pragma once

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <type_traits>
#include <utility>

#include "base/assert.h"

namespace ringgate {

/// One producer thread stages items and publishes them in a batch; one consumer thread drains
/// batches. Each side keeps a private copy of the other side's index and rereads the shared one
/// only when the copy is used up, so that a busy queue moves one cache line per batch and not per
/// item. Indices count for ever and wrap at 2^32; the capacity divides that.
///
/// A consumer that wants to sleep announces that first, then issues a sequentially consistent
/// fence, then asks empty(); the producer publishes, fences, then looks for the announcement.
/// Release and acquire alone do not order those two.
template <class T>
class Spsc {
 public:
  static_assert(std::is_trivially_copyable_v<T>);
  static_assert(std::is_default_constructible_v<T>);

  /// `capacity` is a power of two, at most 2^31. The constructing thread hands the queue over by
  /// means of its own (thread start).
  explicit Spsc(std::uint32_t capacity)
      : mask_(capacity - 1), slots_(std::make_unique_for_overwrite<T[]>(capacity)) {
    ASSERT(std::has_single_bit(capacity));
  }
  Spsc(const Spsc&) = delete;
  Spsc& operator=(const Spsc&) = delete;

  // Producer.

  /// Adds an item that the consumer does not see until publish(). False if there is no room.
  bool stage(const T& item) {
    if (staged_ - head_seen_ > mask_) [[unlikely]] {
      // Acquire pairs with the release in drain(): the consumer has finished with the slots before
      // we write over them.
      head_seen_ = head_.load(std::memory_order_acquire);
      if (staged_ - head_seen_ > mask_) return false;
    }
    slots_[staged_ & mask_] = item;
    ++staged_;
    return true;
  }

  /// Shows every staged item to the consumer. True if there was any.
  bool publish() {
    if (staged_ == published_) return false;
    published_ = staged_;
    // Release pairs with the acquires in drain() and empty(): who sees the index sees the items
    // before it.
    tail_.store(published_, std::memory_order_release);
    return true;
  }

  // Consumer.

  /// Calls f(const T&) for up to `max` items in order of staging and returns how many. The slots
  /// are released once, after the last call; the reference is good until its call returns. f must
  /// not drain this queue.
  template <class F>
  std::uint32_t drain(std::uint32_t max, F&& f) {
    if (tail_seen_ - taken_ < max) {
      // Acquire pairs with the release in publish(): the items were written before the index that
      // covers them.
      tail_seen_ = tail_.load(std::memory_order_acquire);
    }
    const std::uint32_t count = std::min(max, tail_seen_ - taken_);
    if (count == 0) return 0;
    for (std::uint32_t i = 0; i < count; ++i) f(std::as_const(slots_[(taken_ + i) & mask_]));
    taken_ += count;
    // Release pairs with the acquire in stage(): our reads of the slots come before the producer's
    // next writes.
    head_.store(taken_, std::memory_order_release);
    return count;
  }

  /// True if nothing published is left to drain.
  bool empty() const {
    if (tail_seen_ != taken_) return false;
    // Acquire pairs with the release in publish(), so that "not empty" may be acted upon.
    return tail_.load(std::memory_order_acquire) == taken_;
  }

 private:
  // Two lines of 64 octets each: Intel's prefetcher fetches lines in pairs, and some ARM cores have
  // lines of 128.
  static constexpr std::size_t line = 128;

  // Written by the producer once per batch, read by the consumer.
  alignas(line) std::atomic<std::uint32_t> tail_ = 0;
  // Written by the consumer once per batch, read by the producer.
  alignas(line) std::atomic<std::uint32_t> head_ = 0;
  // The producer's own.
  alignas(line) std::uint32_t staged_ = 0;
  std::uint32_t published_ = 0;
  std::uint32_t head_seen_ = 0;
  // The consumer's own.
  alignas(line) std::uint32_t taken_ = 0;
  std::uint32_t tail_seen_ = 0;
  // Never written after construction, so both sides share it for nothing.
  alignas(line) const std::uint32_t mask_;
  const std::unique_ptr<T[]> slots_;
};

}  // namespace ringgate
