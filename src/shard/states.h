// What messages ended with, for query_sm, for a while after their end.
#pragma once

#include <bit>
#include <memory>

#include <ringgate/message.h>

#include "message/message_id.h"

namespace ringgate {

struct EndedMessage {
  MessageId id;
  std::uint32_t account = 0;
  std::uint32_t source_hash = 0;
  std::uint32_t destination_hash = 0;
  std::uint32_t done_s = 0;
  std::uint32_t segment = 0;  ///< of the journal, that holds the record of its end
  std::uint16_t error = 0;
  MessageState state = MessageState::unknown;
};
static_assert(sizeof(EndedMessage) == 32);

/// The last ended messages of one shard, found by the low bits of their sequence; a newer one takes
/// the place of an older one. The destinations of a submit_multi share an id: the one that ended
/// last is remembered. One thread.
class EndedMessages {
 public:
  /// `size` is rounded down to a power of two.
  EndedMessages(std::uint32_t size, std::int64_t keep_s)
      : mask_(std::bit_floor(size) - 1),
        keep_s_(keep_s),
        entries_(std::make_unique<EndedMessage[]>(mask_ + 1)) {}

  void keep(const EndedMessage& message) {
    EndedMessage& entry = entries_[message.id.value & mask_];
    if (entry.id == MessageId{}) ++count_;
    entry = message;
  }
  /// How many places have ever been used: at least as many as are remembered.
  std::size_t count() const { return count_; }

  /// The message that an operation names; null when it is not known here as ended.
  const EndedMessage* find(const Operation& operation, std::int64_t now_s) const {
    const EndedMessage& entry = entries_[operation.id.value & mask_];
    if (entry.id == MessageId{} || !operation.names(entry.id) || !fresh(entry, now_s))
      return nullptr;
    return &entry;
  }

  /// Calls f(EndedMessage&) for those whose record lies in that segment and that are still to be
  /// kept.
  template <class F>
  void for_each_in(std::uint32_t segment, std::int64_t now_s, F&& f) {
    for (std::uint64_t i = 0; i <= mask_; ++i) {
      EndedMessage& entry = entries_[i];
      if (entry.id != MessageId{} && entry.segment == segment && fresh(entry, now_s)) f(entry);
    }
  }

 private:
  bool fresh(const EndedMessage& entry, std::int64_t now_s) const {
    return entry.done_s + keep_s_ > now_s;
  }

  std::uint64_t mask_;
  std::int64_t keep_s_;
  std::size_t count_ = 0;
  std::unique_ptr<EndedMessage[]> entries_;
};

}  // namespace ringgate
