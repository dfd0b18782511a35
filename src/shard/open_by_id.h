// Where the open messages of one shard are, by their ids.
#pragma once

#include <bit>
#include <optional>
#include <utility>
#include <vector>

#include "message/aside.h"

namespace ringgate {

/// The low bits of an id name its place, which costs one store per message. That is exact as long
/// as nothing stays open while as many others come as there are places, and as no other shard's
/// messages were taken over in a restart; whatever loses its place goes aside. One thread.
class OpenById {
 public:
  /// `size` is rounded up to a power of two.
  void resize(std::uint32_t size) { places_.resize(std::bit_ceil(size)); }

  /// The message with that id is open, in that slot. id_in(slot) is the id of the open message in
  /// some slot; 0: there is none.
  template <class F>
  void note(MessageId id, std::uint32_t slot, F&& id_in) {
    const std::uint32_t before = std::exchange(places_[place_of(id)], slot);
    if (before == slot) return;
    const MessageId other = id_in(before);
    // Slot 0 stands in places that nobody has used.
    if (other == MessageId{} || other == id || place_of(other) != place_of(id)) [[likely]]
      return;
    aside_.put(other, before);
  }
  /// ... and is not open any more.
  void forget(MessageId id, std::uint32_t slot) {
    if (aside_.empty()) [[likely]]
      return;
    const std::uint32_t* const found = aside_.find(id);
    if (found != nullptr && *found == slot) aside_.erase(id);
  }

  /// The slot of the open message that an operation names, if there is one.
  template <class F>
  std::optional<std::uint32_t> find(const Operation& operation, F&& id_in) {
    const std::uint32_t likely = places_[place_of(operation.id)];
    const MessageId id = id_in(likely);
    if (id != MessageId{} && operation.names(id)) return likely;
    const std::uint32_t* const found = aside_.find(operation);
    return found != nullptr ? std::optional(*found) : std::nullopt;
  }

 private:
  std::size_t place_of(MessageId id) const { return id.value & (places_.size() - 1); }

  std::vector<std::uint32_t> places_;
  Aside<std::uint32_t> aside_;  // slots; no more than are open
};

}  // namespace ringgate
