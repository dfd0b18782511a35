// Our own requests that wait for their response (5.0 §2.9: the window).
//
// Entries lie in a ring addressed by the low bits of the sequence_number, so finding one costs a
// mask and a compare. The ring is twice the window; a sequence_number whose place is still taken by
// a straggler is skipped, which is legal: numbers need only be unique while open.
#pragma once

#include <bit>
#include <cstdint>
#include <memory>

#include <ringgate/types.h>

#include "base/assert.h"
#include "base/rarely.h"

namespace ringgate {

class Window {
 public:
  static constexpr std::uint32_t size_max = 1u << 16;

  Window() = default;
  /// Numbers begin behind `last`.
  explicit Window(std::uint32_t last) : next_(last) {}

  /// At most `size` requests open at once. Memory comes with the first request, so a bind that
  /// never gets any has none.
  void set_size(std::uint32_t size) {
    ASSERT(entries_ == nullptr);
    ASSERT(size >= 1 && size <= size_max);
    size_ = size;
  }

  /// Another size, whatever is open: with more open than that, it is full until enough of them are
  /// closed.
  void resize(std::uint32_t size) {
    ASSERT(size >= 1 && size <= size_max);
    size_ = size;
    if (entries_ != nullptr && size * 2 > mask_ + 1) [[unlikely]]
      grow();
  }

  bool full() const { return open_ >= size_; }
  std::uint32_t open_count() const { return open_; }
  std::uint32_t size() const { return size_; }

  /// A number for a request that is not kept here (enquire_link, unbind, bind).
  std::uint32_t take_sequence() {
    do {
      next_ = next_ == sequence_max ? 1 : next_ + 1;
    } while ((entries_ != nullptr && at(next_).sequence != 0) ||
             RARELY("a sequence_number is passed over"));
    return next_;
  }

  /// Opens an entry; full() must be false. Timeouts are one constant, so entries expire in the
  /// order they were opened.
  std::uint32_t open(std::uint64_t token, Nanos deadline) {
    ASSERT(!full());
    if (entries_ == nullptr) [[unlikely]]
      allocate();
    const std::uint32_t sequence = take_sequence();
    const std::uint32_t index = sequence & mask_;
    entries_[index] = {sequence, newest_, none, token, deadline};
    (newest_ == none ? oldest_ : entries_[newest_].next) = index;
    newest_ = index;
    ++open_;
    return sequence;
  }

  /// Closes the entry a response names. False when there is none: late, duplicate, or never asked
  /// for.
  bool close(std::uint32_t sequence, std::uint64_t& token) {
    if (entries_ == nullptr || sequence == 0) return false;
    Entry& entry = at(sequence);
    if (entry.sequence != sequence) return false;
    token = entry.token;
    remove(entry);
    return true;
  }

  /// When the oldest open request gives up waiting.
  Nanos deadline() const { return open_ == 0 ? never : entries_[oldest_].deadline; }

  /// Closes one entry whose time is up.
  bool take_expired(Nanos now, std::uint64_t& token) {
    return deadline() <= now && take_oldest(token);
  }

  /// Closes the oldest entry; false when none is left.
  bool take_oldest(std::uint64_t& token) {
    if (open_ == 0) return false;
    Entry& entry = entries_[oldest_];
    token = entry.token;
    remove(entry);
    return true;
  }

 private:
  static constexpr std::uint32_t sequence_max = 0x7FFFFFFF;

  static constexpr std::uint32_t none = 0xFFFFFFFF;

  // Linked in the order of opening. The ring's own order is not that: a straggler may outlive a
  // whole lap.
  struct Entry {
    std::uint32_t sequence = 0;  // 0 = free
    std::uint32_t previous = none;
    std::uint32_t next = none;
    std::uint64_t token = 0;
    Nanos deadline = never;
  };

  Entry& at(std::uint32_t sequence) { return entries_[sequence & mask_]; }

  void allocate() {
    const std::uint32_t count = std::bit_ceil(size_ * 2);
    entries_ = std::make_unique<Entry[]>(count);
    mask_ = count - 1;
  }

  /// Numbers that differed in fewer low bits differ in more of them.
  void grow() {
    const std::unique_ptr<Entry[]> before = std::move(entries_);
    std::uint32_t index = oldest_;
    allocate();
    oldest_ = newest_ = none;
    for (; index != none; index = before[index].next) {
      const Entry& moved = before[index];
      const std::uint32_t to = moved.sequence & mask_;
      ASSERT(entries_[to].sequence == 0);
      entries_[to] = {moved.sequence, newest_, none, moved.token, moved.deadline};
      (newest_ == none ? oldest_ : entries_[newest_].next) = to;
      newest_ = to;
    }
  }

  void remove(Entry& entry) {
    (entry.previous == none ? oldest_ : entries_[entry.previous].next) = entry.next;
    (entry.next == none ? newest_ : entries_[entry.next].previous) = entry.previous;
    entry.sequence = 0;
    --open_;
  }

  std::unique_ptr<Entry[]> entries_;
  std::uint32_t mask_ = 0;
  std::uint32_t size_ = 1;
  std::uint32_t open_ = 0;
  std::uint32_t oldest_ = none;
  std::uint32_t newest_ = none;
  std::uint32_t next_ = 0;
};

}  // namespace ringgate
