// submit_multi: one PDU, many messages, one response.
#pragma once

#include <vector>

#include "base/assert.h"
#include "base/slab.h"
#include "message/record.h"

namespace ringgate {

/// One submit_multi until all its destinations have been answered.
struct MultiGroup {
  struct Failure {
    StoredAddress destination;
    Status status = Status::ESME_ROK;
  };

  LinkId from;
  std::uint32_t account = 0;
  std::uint32_t sequence_number = 0;
  MessageId id;
  std::uint32_t waiting = 0;  ///< destinations without an answer
  std::vector<MessageRecord*> accepted;
  std::vector<Failure> failures;
};

/// One shard's groups. One thread.
class MultiGroups {
 public:
  static constexpr std::uint32_t count_max = 1024;

  MultiGroups() : slots_(count_max), live_(count_max) {}
  ~MultiGroups() {
    for (std::uint32_t slot = 0; slot < count_max; ++slot)
      if (live_[slot]) slots_.give(&slots_.at(slot));
  }

  /// Null when too many are open.
  MultiGroup* open() {
    MultiGroup* const group = slots_.take();
    if (group == nullptr) return nullptr;
    ASSERT(!live_[slot_of(*group)]);
    live_[slot_of(*group)] = true;
    return group;
  }
  void close(MultiGroup& group) {
    ASSERT(live_[slot_of(group)]);
    live_[slot_of(group)] = false;
    slots_.give(&group);
  }
  std::uint32_t slot_of(const MultiGroup& group) const { return slots_.index_of(&group); }
  MultiGroup& at(std::uint32_t slot) {
    ASSERT(slot < count_max && live_[slot]);
    return slots_.at(slot);
  }

 private:
  Slab<MultiGroup> slots_;
  std::vector<bool> live_;
};

}  // namespace ringgate
