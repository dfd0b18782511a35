// What messages ended with, for query_sm, for a while after their end.
#pragma once

#include <bit>
#include <memory>

#include <ringgate/message.h>

#include "message/aside.h"

namespace ringgate {

struct EndedMessage {
  MessageId id;
  std::uint32_t account = 0;
  std::uint32_t source_hash = 0;
  std::uint32_t done_s = 0;
  std::uint32_t segment = 0;  ///< of the journal, that holds the record of its end
  std::uint16_t error = 0;
  MessageState state = MessageState::unknown;
};
static_assert(sizeof(EndedMessage) == 32);

/// The last ended messages of one shard, found by the low bits of their sequence; a newer one takes
/// the place of an older one. The destinations of a submit_multi share an id: the one that ended
/// last is remembered. Messages from before a restart are kept aside, because their ids do not go
/// on into ours. One thread.
class EndedMessages {
 public:
  /// `first` is the first id that this shard gives out; `size` is rounded down to a power of two.
  EndedMessages(MessageId first, std::uint32_t size, std::int64_t keep_s)
      : first_(first),
        mask_(std::bit_floor(size) - 1),
        keep_s_(keep_s),
        entries_(std::make_unique<EndedMessage[]>(mask_ + 1)) {}

  void keep(const EndedMessage& message) {
    if (!is_ours(message.id)) [[unlikely]] {
      aside_.put(message.id, message);
      return;
    }
    EndedMessage& entry = entries_[message.id.value & mask_];
    if (entry.id == MessageId{}) ++count_;
    entry = message;
  }
  /// How many places have ever been used: at least as many as are remembered.
  std::size_t count() const { return count_ + aside_.size(); }

  /// The message that an operation names; null when it is not known here as ended.
  const EndedMessage* find(const Operation& operation, std::int64_t now_s) {
    const auto is_meant = [&](const EndedMessage& entry) {
      return entry.id != MessageId{} && operation.names(entry.id) && fresh(entry, now_s);
    };
    const EndedMessage& entry = entries_[operation.id.value & mask_];
    if (is_meant(entry)) return &entry;
    const EndedMessage* const other = aside_.find(operation);
    return other != nullptr && is_meant(*other) ? other : nullptr;
  }

  /// Calls f(EndedMessage&) for those whose record lies in that segment and that are still to be
  /// kept.
  template <class F>
  void for_each_in(std::uint32_t segment, std::int64_t now_s, F&& f) {
    for (std::uint64_t i = 0; i <= mask_; ++i) {
      EndedMessage& entry = entries_[i];
      if (entry.id != MessageId{} && entry.segment == segment && fresh(entry, now_s)) f(entry);
    }
    aside_.erase_if([&](const EndedMessage& entry) { return !fresh(entry, now_s); });
    aside_.for_each([&](EndedMessage& entry) {
      if (entry.segment == segment) f(entry);
    });
  }

 private:
  bool fresh(const EndedMessage& entry, std::int64_t now_s) const {
    return entry.done_s + keep_s_ > now_s;
  }

  /// Given out since the start: ids of other shards, or older ones, are a long way off.
  bool is_ours(MessageId id) const { return id.value - first_.value <= message_sequence_mask / 2; }

  const MessageId first_;
  const std::uint64_t mask_;
  const std::int64_t keep_s_;
  std::size_t count_ = 0;
  std::unique_ptr<EndedMessage[]> entries_;
  Aside<EndedMessage> aside_;  // no more than were taken over
};

}  // namespace ringgate
