// Where the open messages of one shard are, by their ids.
#pragma once

#include <bit>
#include <optional>
#include <utility>

#include "base/assert.h"
#include "base/rarely.h"
#include "base/zeroed_array.h"
#include "message/aside.h"

namespace ringgate {

/// The low bits of a message's sequence name its place, which costs one store per message, and
/// neighbours in time are neighbours in memory. That is exact as long as nothing stays open while
/// as many others come as there are places, and as no other shard's messages were taken over in a
/// restart; whatever loses its place goes aside. One thread.
class OpenById {
 public:
  /// `size` is rounded up to a power of two. A short form knows no more of a sequence than its low
  /// bits, so these name every place.
  explicit OpenById(std::uint32_t size) : places_(std::bit_ceil(size)) {
    ASSERT(places_.size() <= short_sequence_mask + 1);
  }

  /// The message with that id is open, in that slot. id_in(slot) is the NumberedId of the open
  /// message in some slot; its id is 0 where there is none.
  template <class F>
  void note(NumberedId message, std::uint32_t slot, F&& id_in) {
    if (RARELY("a message has no place of its own") &&
        id_in(places_[place_of(message.sequence)]).id != message.id)
      return aside_.put(message.id, key_of(message), slot);
    const std::uint32_t before = std::exchange(places_[place_of(message.sequence)], slot);
    if (before == slot) return;
    const NumberedId other = id_in(before);
    // Slot 0 stands in places that nobody has used.
    if (other.id == MessageId{} || other.id == message.id ||
        place_of(other.sequence) != place_of(message.sequence)) [[likely]]
      return;
    aside_.put(other.id, key_of(other), before);
  }
  /// ... and is not open any more.
  void remove(NumberedId message, std::uint32_t slot) {
    if (aside_.empty()) [[likely]]
      return;
    const std::uint32_t* const found = aside_.find(message.id, key_of(message));
    if (found != nullptr && *found == slot) aside_.erase(message.id, key_of(message));
  }

  /// The slot of an open message, found by id and sequence.
  template <class F>
  std::optional<std::uint32_t> find(NumberedId message, F&& id_in) {
    const std::uint32_t likely = places_[place_of(message.sequence)];
    if (message.id != MessageId{} && id_in(likely).id == message.id) return likely;
    return value_of(aside_.find(message.id, key_of(message)));
  }
  /// The slot of an open message by what a short form says: shard and low bits of the sequence, as
  /// short_key has them. Several may look like that; is_meant(slot) chooses.
  template <class F, class M>
  std::optional<std::uint32_t> find_short(std::uint32_t key, F&& id_in, M&& is_meant) {
    const std::uint32_t likely = places_[place_of(key)];
    if (id_in(likely).id != MessageId{} && is_meant(likely)) return likely;
    return value_of(aside_.find_if(key, is_meant));
  }

 private:
  static std::uint64_t key_of(NumberedId message) {
    return short_key(message.id, message.sequence);
  }
  static std::optional<std::uint32_t> value_of(const std::uint32_t* slot) {
    return slot != nullptr ? std::optional(*slot) : std::nullopt;
  }
  std::size_t place_of(std::uint64_t sequence) const { return sequence & (places_.size() - 1); }

  ZeroedArray<std::uint32_t> places_;
  Aside<std::uint32_t> aside_;  // slots, by short_key; no more than are open
};

}  // namespace ringgate
