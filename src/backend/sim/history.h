// What the simulator remembers of messages that are over, or that nobody waits for, for query_sm,
// cancel_sm and replace_sm.
//
//   heads      low bits of an id -> number of the newest message with these bits
//   previous   number of a message -> number of the one before it with the same bits
//
// Messages are numbered as they come and lie in a ring in that order, whatever their ids look like,
// so the memory of a submit is the next to that of the last one. Nothing is unlinked when a message
// is overwritten: a walk ends at the first number that has left the ring.
#pragma once

#include <algorithm>
#include <bit>

#include "backend/sim/remembered_message.h"
#include "base/slab.h"
#include "base/zeroed_array.h"

namespace ringgate {

/// The last messages of one shard. The destinations of a submit_multi share an id. One thread.
class History {
 public:
  explicit History(std::uint32_t size_min)
      : mask_(std::bit_ceil(size_min) - 1),
        newest_(mask_),
        entries_(mask_ + 1),
        previous_(mask_ + 1),
        heads_(mask_ + 1) {}

  /// Where an id's chain begins is anywhere: it is on its way while others are worked on.
  void prefetch(MessageId id) { __builtin_prefetch(&heads_[low_bits(id) & mask_], 1); }

  /// The place for one more message of that id, which the caller fills in. The oldest is forgotten.
  RememberedMessage& add(MessageId id) {
    ++newest_;
    // The slab hands out its places in order the first time round, and none comes back.
    if (entries_.in_use() <= mask_) [[unlikely]]
      entries_.take();
    std::uint32_t& head = heads_[low_bits(id) & mask_];
    previous_[newest_ & mask_] = head;
    head = newest_;
    return entries_.at(newest_ & mask_);
  }

  /// The newest message that is meant; null when there is none, or no more.
  RememberedMessage* find(const Operation& operation, AccountNumber asker) {
    std::uint32_t number = heads_[low_bits(operation.id) & mask_];
    // Numbers wrap: ages only grow along a chain that is still true.
    for (std::uint64_t age_min = 0;; number = previous_[number & mask_]) {
      const std::uint32_t age = newest_ - number;
      if (age < age_min || age >= entries_.in_use()) return nullptr;
      RememberedMessage& entry = entries_.at(number & mask_);
      if (entry.is_meant(operation, asker)) return &entry;
      age_min = std::uint64_t{age} + 1;
    }
  }

 private:
  std::uint32_t mask_;
  std::uint32_t newest_;  // number of the newest message; the first is mask_ + 1
  Slab<RememberedMessage> entries_;
  ZeroedArray<std::uint32_t> previous_;
  ZeroedArray<std::uint32_t> heads_;
};

}  // namespace ringgate
