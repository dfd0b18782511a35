// What the simulator remembers of the messages it has taken, for query_sm, cancel_sm and
// replace_sm.
#pragma once

#include <bit>
#include <cstring>
#include <memory>

#include <ringgate/message.h>

#include "message/aside.h"

namespace ringgate {

inline constexpr std::uint64_t hash_factor = 0x9E37'79B9'7F4A'7C15;

std::uint32_t short_hash_of_any(std::string_view text, std::uint32_t seed);

/// 32 bits that tell addresses and names apart well enough for a simulator. This runs for every
/// submit, so of numbers, which differ at their end, it is the last eight digits that count: four
/// bits of each, and their number.
inline std::uint32_t short_hash(std::string_view text, std::uint32_t seed) {
  if (text.size() < 8) [[unlikely]]
    return short_hash_of_any(text, seed);
  std::uint64_t tail;
  std::memcpy(&tail, text.data() + text.size() - 8, 8);
  tail ^= tail >> 28;
  return static_cast<std::uint32_t>(tail) + static_cast<std::uint32_t>(text.size()) * 0x0101'0101u +
         seed;
}

inline std::uint16_t account_hash(std::string_view system_id) {
  return static_cast<std::uint16_t>(short_hash(system_id, 0));
}

inline std::uint32_t short_hash(const Address& address) {
  return short_hash(address.text, std::uint32_t{address.ton} << 8 | address.npi);
}

/// Half a cache line: every submit writes one.
struct alignas(32) RememberedMessage {
  MessageId id;
  Nanos due = 0;  ///< when the outcome comes, or came
  std::uint32_t source = 0;
  std::uint32_t destination = 0;
  std::uint32_t pending = 0;  ///< slot + 1 of what waits for its time; 0 = nothing does
  std::uint16_t account = 0;
  MessageState state = MessageState::delivered;
  std::uint8_t error = 0;

  void set(Outcome outcome) {
    state = outcome.state;
    error = static_cast<std::uint8_t>(outcome.error);
  }
  Outcome outcome() const { return {state, error}; }
};
static_assert(sizeof(RememberedMessage) == 32);

/// The last messages of one shard, found by the low bits of their sequence, and those before them
/// that still wait for something. The destinations of a submit_multi share an id: the last of them
/// is remembered. One thread.
class History {
 public:
  explicit History(std::uint32_t size_min)
      : mask_(std::bit_ceil(size_min) - 1),
        entries_(std::make_unique_for_overwrite<RememberedMessage[]>(mask_ + 1)) {}

  /// The place for a new message. What was there is forgotten, unless it waits for something.
  RememberedMessage& place(MessageId id) {
    RememberedMessage& entry = entries_[id.value & mask_];
    if (entry.pending != 0 && entry.id != id) [[unlikely]]
      aside_.put(entry.id, entry);
    return entry;
  }
  /// Null when a newer one took its place.
  RememberedMessage* find(MessageId id) {
    RememberedMessage& entry = entries_[id.value & mask_];
    return entry.id == id ? &entry : aside_.find(id);
  }
  /// That message waits for nothing any more.
  void settle(MessageId id) {
    if (!aside_.empty()) aside_.erase(id);
  }
  void settle_all() {
    aside_.erase_if([](const RememberedMessage& entry) { return entry.pending == 0; });
  }

  /// The message that an operation names, if it is one of its account's and from the address it
  /// names. An operation without a source address names any.
  RememberedMessage* find(const Operation& operation) {
    RememberedMessage* entry = &entries_[operation.id.value & mask_];
    if (!operation.names(entry->id)) entry = aside_.find(operation);
    return entry != nullptr && belongs(*entry, operation) ? entry : nullptr;
  }

  bool belongs(const RememberedMessage& entry, const Operation& operation) const {
    return entry.account == account_hash(operation.system_id) &&
           (operation.source.text.empty() || entry.source == short_hash(operation.source));
  }

  /// Calls f(entry) for every place, used or not (id 0).
  template <class F>
  void for_each(F&& f) {
    for (std::uint64_t i = 0; i <= mask_; ++i) f(entries_[i]);
    aside_.for_each(f);
  }

 private:
  std::uint64_t mask_;
  std::unique_ptr<RememberedMessage[]> entries_;
  Aside<RememberedMessage> aside_;  // no more than may wait
};

}  // namespace ringgate
