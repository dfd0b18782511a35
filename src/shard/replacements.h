// The records of replace_sm whose messages are open: each belongs behind its message in the
// journal, wherever that is copied to.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "base/assert.h"

namespace ringgate {

/// One for each message at the most: the last counts. One thread.
class Replacements {
 public:
  struct Replacement {
    std::uint32_t segment = 0;  ///< of the journal, that holds it
    std::vector<std::uint8_t> record;
  };

  bool empty() const { return by_slot_.empty(); }
  /// Of all records together.
  std::uint64_t octets() const { return octets_; }

  /// The message in that slot has another one, of so many octets, to be filled in.
  Replacement& set(std::uint32_t slot, std::size_t size) {
    ASSERT(size != 0 && size % 8 == 0);
    Replacement& one = by_slot_[slot];
    octets_ += size - one.record.size();
    one.record.resize(size);
    return one;
  }
  /// Null when there is none.
  Replacement* find(std::uint32_t slot) {
    const auto found = by_slot_.find(slot);
    return found == by_slot_.end() ? nullptr : &found->second;
  }
  /// Harmless where there is none.
  void drop(std::uint32_t slot) {
    const auto found = by_slot_.find(slot);
    if (found == by_slot_.end()) return;
    ASSERT(octets_ >= found->second.record.size());
    octets_ -= found->second.record.size();
    by_slot_.erase(found);
    ASSERT(!by_slot_.empty() || octets_ == 0);
  }
  /// Calls f(Replacement&) for those that lie in that segment.
  template <class F>
  void for_each_in(std::uint32_t segment, F&& f) {
    for (auto& [slot, one] : by_slot_)
      if (one.segment == segment) f(one);
  }
  template <class F>
  void for_each_in(std::uint32_t segment, F&& f) const {
    for (const auto& [slot, one] : by_slot_)
      if (one.segment == segment) f(one);
  }

 private:
  std::map<std::uint32_t, Replacement> by_slot_;
  std::uint64_t octets_ = 0;
};

}  // namespace ringgate
