// Receive buffers that the kernel picks from when data arrives, so that idle connections hold none.
//
//   one mapping:  | buffer 0 | buffer 1 | ... | buffer count-1 | overread_size octets |
//
// The kernel takes buffers in the order in which they were given back, which need not be the order
// of their numbers. A bundle completion names only its first buffer; the rest follow in that order,
// which `next_` remembers as a list.
#pragma once

#include <ringgate/types.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/assert.h"
#include "base/result.h"
#include "uring/ring.h"

namespace ringgate::uring {

/// A provided-buffer ring of `count` buffers of `size` octets. Lives on its Ring's thread and ends
/// before the Ring does.
///
/// Per turn: for_each_buffer() on each receive completion, which takes its buffers over; read them;
/// give_back() each; publish() once. Holding buffers over turns starves the other connections
/// (ENOBUFS).
class BufferRing {
 public:
  /// Octets that may be read, though they mean nothing, after the last octet of any buffer, so that
  /// vector instructions need no special case at the end.
  static constexpr std::size_t overread_size = 64;
  static constexpr std::uint32_t count_max = 32'768;

  /// Registers the buffers as `group`. `count` is a power of two up to count_max, `size` a multiple
  /// of 64. The memory is touched here, in huge pages where the system has them, and not in the
  /// first seconds of traffic.
  [[nodiscard]] static Result<std::unique_ptr<BufferRing>> make(Ring& ring, std::uint16_t group,
                                                                std::uint32_t count,
                                                                std::uint32_t size);
  ~BufferRing();
  BufferRing(const BufferRing&) = delete;
  BufferRing& operator=(const BufferRing&) = delete;

  /// Calls f(uint16_t bid, Octets bytes) for each buffer a receive completion filled, in stream
  /// order; none if it has no buffer. Each is the caller's from then on, and its bytes stay, until
  /// give_back(bid), which f may call itself.
  template <class F>
  void for_each_buffer(const io_uring_cqe& completion, F&& f);

  /// The memory of buffer `bid`, size() octets and overread_size more.
  const std::uint8_t* at(std::uint16_t bid) const;

  /// Hands a buffer back; the kernel sees it with the next publish().
  void give_back(std::uint16_t bid);

  /// Shows the kernel everything given back since the last call.
  void publish();

  std::uint16_t group() const { return group_; }
  std::uint32_t count() const { return count_; }
  std::uint32_t size() const { return size_; }  ///< octets per buffer

  /// Buffers the kernel may still fill, as far as the completions seen so far tell. Includes those
  /// given back but not yet published.
  std::uint32_t free_count() const { return count_ - held_; }

 private:
  BufferRing(Ring& ring, std::uint16_t group, std::uint32_t count, std::uint32_t size);
  Result<void> map();
  Result<void> register_with_kernel();
  std::size_t entries_size() const { return count_ * sizeof(io_uring_buf); }
  std::size_t buffers_size() const { return std::size_t{count_} * size_ + overread_size; }
  void append(std::uint16_t bid);

  Ring& ring_;
  const std::uint16_t group_;
  const std::uint32_t count_;
  const std::uint32_t size_;
  io_uring_buf_ring* entries_ = nullptr;
  std::uint8_t* buffers_ = nullptr;
  bool registered_ = false;
  std::uint16_t tail_ = 0;  // of what was given back; the kernel's tail lags until publish()
  std::uint16_t last_ = 0;  // the buffer given back last
  std::uint32_t held_ = 0;  // buffers taken over by the caller
  std::vector<std::uint16_t> next_;  // the buffer given back after this one
};

template <class F>
void BufferRing::for_each_buffer(const io_uring_cqe& completion, F&& f) {
  if ((completion.flags & IORING_CQE_F_BUFFER) == 0) return;
  auto bid = static_cast<std::uint16_t>(completion.flags >> IORING_CQE_BUFFER_SHIFT);
  auto left = completion.res > 0 ? static_cast<std::uint32_t>(completion.res) : 0;
  ASSERT(left <= std::uint64_t{count_} * size_);
  // A completion without bytes can still have used up a buffer, so there is always one round.
  do {
    ASSERT(bid < count_);
    // Read before f gives the buffer back, which may change it.
    const std::uint16_t next = next_[bid];
    const std::uint32_t filled = std::min(left, size_);
    ++held_;
    ASSERT(held_ <= count_);
    f(bid, Octets(at(bid), filled));
    left -= filled;
    bid = next;
  } while (left > 0);
}

inline const std::uint8_t* BufferRing::at(std::uint16_t bid) const {
  ASSERT(bid < count_);
  return buffers_ + std::size_t{bid} * size_;
}

inline void BufferRing::append(std::uint16_t bid) {
  io_uring_buf& entry = entries_->bufs[tail_ & (count_ - 1)];
  entry.addr = reinterpret_cast<std::uintptr_t>(at(bid));
  entry.len = size_;
  entry.bid = bid;  // entry.resv of slot 0 is the ring's tail and must not be written
  next_[last_] = bid;
  last_ = bid;
  ++tail_;
}

inline void BufferRing::give_back(std::uint16_t bid) {
  ASSERT(held_ > 0);
  --held_;
  append(bid);
}

inline void BufferRing::publish() {
  // Pairs with the kernel's acquire of the tail: the entries below it are written.
  if (entries_->tail != tail_) io_uring_smp_store_release(&entries_->tail, tail_);
}

}  // namespace ringgate::uring
