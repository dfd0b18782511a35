// What messages ended with, for query_sm, for a while after their end.
#pragma once

#include <bit>
#include <memory>

#include <ringgate/message.h>

#include "base/assert.h"
#include "message/aside.h"

namespace ringgate {

struct EndedMessage {
  MessageId id;
  std::uint32_t account = 0;
  std::uint32_t source_hash = 0;
  std::uint32_t done_s = 0;        ///< wall clock, for dates only
  std::uint32_t kept_until_s = 0;  ///< steady clock
  std::uint32_t segment = 0;       ///< of the journal, that holds the record of its end
  std::uint16_t error = 0;
  MessageState state = MessageState::unknown;
};
static_assert(sizeof(EndedMessage) == 32);

/// The last ended messages of one shard, found by the low bits of their sequence; a newer one takes
/// the place of an older one. The destinations of a submit_multi share an id: the one that ended
/// last is remembered. Messages from before a restart are kept aside, because their sequences do
/// not go on into ours. One thread.
class EndedMessages {
 public:
  /// `size` is rounded down to a power of two.
  explicit EndedMessages(std::uint32_t size)
      : mask_(std::bit_floor(size) - 1), entries_(std::make_unique<EndedMessage[]>(mask_ + 1)) {
    ASSERT(mask_ <= short_sequence_mask);
  }

  /// One that this run has accepted, by the steady clock's second. Returns for how long the one in
  /// whose place it comes had still to be kept; 0: nothing is lost.
  std::uint32_t keep(const EndedMessage& message, std::uint64_t sequence, std::int64_t now_s) {
    ASSERT(message.id != MessageId{});
    EndedMessage& entry = entries_[sequence & mask_];
    std::uint32_t lost_s = 0;
    if (entry.id == MessageId{})
      ++count_;
    else if (entry.id != message.id && fresh(entry, now_s))
      lost_s = static_cast<std::uint32_t>(entry.kept_until_s - now_s);
    entry = message;
    ASSERT(count_ <= places());
    return lost_s;
  }
  /// One that an earlier run has accepted.
  void take_over(const EndedMessage& message, std::uint64_t sequence) {
    aside_.put(message.id, short_key(message.id, sequence), message);
  }
  std::uint64_t places() const { return mask_ + 1; }
  /// How many places have ever been used: at least as many as are remembered.
  std::size_t count() const { return count_ + aside_.size(); }

  // `now_s` is the steady clock's.

  /// Null when it is not known here as ended.
  const EndedMessage* find(NumberedId message, std::int64_t now_s) {
    if (message.id == MessageId{}) return nullptr;
    return find_short(short_key(message.id, message.sequence), now_s,
                      [&](const EndedMessage& entry) { return entry.id == message.id; });
  }
  /// By what a short form says of it, as short_key has that. Several may look like that;
  /// is_meant(entry) chooses.
  template <class M>
  const EndedMessage* find_short(std::uint32_t key, std::int64_t now_s, M&& is_meant) {
    const auto is_it = [&](const EndedMessage& entry) {
      return entry.id != MessageId{} && fresh(entry, now_s) && is_meant(entry);
    };
    const EndedMessage& entry = entries_[key & mask_];
    return is_it(entry) ? &entry : aside_.find_if(key, is_it);
  }

  /// Calls f(EndedMessage&) for those whose record lies in that segment and that are still to be
  /// kept.
  template <class F>
  void for_each_in(std::uint32_t segment, std::int64_t now_s, F&& f) {
    for (std::uint64_t i = 0; i <= mask_; ++i) {
      EndedMessage& entry = entries_[i];
      if (entry.id != MessageId{} && entry.segment == segment && fresh(entry, now_s)) f(entry);
    }
    aside_.for_each([&](EndedMessage& entry) {
      if (entry.segment == segment && fresh(entry, now_s)) f(entry);
    });
  }
  /// Forgets some of those aside whose time is over: looks at so many and the next ones the next
  /// time, because there may be millions.
  void expire(std::int64_t now_s, std::size_t looked_at_max) {
    aside_.sweep(looked_at_max, [&](const EndedMessage& entry) { return !fresh(entry, now_s); });
  }

 private:
  bool fresh(const EndedMessage& entry, std::int64_t now_s) const {
    return entry.kept_until_s > now_s;
  }

  const std::uint64_t mask_;
  std::size_t count_ = 0;
  std::unique_ptr<EndedMessage[]> entries_;
  Aside<EndedMessage> aside_;  // by short_key; no more than were taken over
};

}  // namespace ringgate
