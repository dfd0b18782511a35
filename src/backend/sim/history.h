// What the simulator remembers of messages that are over, or that nobody waits for, for query_sm,
// cancel_sm and replace_sm.
//
//   heads      low bits of an id -> number of the newest message with these bits
//   previous   number of a message -> number of the one before it with the same bits
//
// Messages are numbered as they come and lie in a ring in that order, whatever their ids look like,
// so the memory of a submit is the next to that of the last one. Only its head is anywhere: so the
// last few are not in their chains yet, while their heads are on the way from memory. Nothing is
// unlinked when a message is overwritten: a walk ends at the first number that has left the ring.
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
        chained_(mask_),
        entries_(mask_ + 1),
        previous_(mask_ + 1),
        heads_(mask_ + 1) {
    ASSERT(mask_ > unchained_max);
  }

  /// The place for one more message of that id, which the caller fills in. The oldest is forgotten.
  RememberedMessage& add(MessageId id) {
    ++newest_;
    // The slab hands out its places in order the first time round, and none comes back.
    if (entries_.in_use() <= mask_) [[unlikely]]
      entries_.take();
    __builtin_prefetch(&head_of(id), 1);
    if (newest_ - chained_ > unchained_max) chain_next();
    RememberedMessage& entry = entries_.at(newest_ & mask_);
    entry.id = id;
    return entry;
  }

  /// The newest message that is meant; null when there is none, or no more.
  RememberedMessage* find(const Operation& operation, AccountNumber asker) {
    while (chained_ != newest_) chain_next();
    std::uint32_t number = head_of(operation.id);
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
  // The time of so many submits is longer than memory takes.
  static constexpr std::uint32_t unchained_max = 32;

  std::uint32_t& head_of(MessageId id) { return heads_[low_bits(id) & mask_]; }
  void chain_next() {
    const std::uint32_t place = ++chained_ & mask_;
    std::uint32_t& head = head_of(entries_.at(place).id);
    previous_[place] = head;
    head = chained_;
  }

  std::uint32_t mask_;
  std::uint32_t newest_;   // number of the newest message; the first is mask_ + 1
  std::uint32_t chained_;  // ... and of the last that is in its chain
  Slab<RememberedMessage> entries_;
  ZeroedArray<std::uint32_t> previous_;
  ZeroedArray<std::uint32_t> heads_;
};

}  // namespace ringgate
