// Finds objects of a slab by a key that many of them may share.
//
//   bucket ── oldest of a key ── oldest of another key ── ...      chain: one object per key
//                  │
//              second, third, ... newest                           ring: all objects of that key
//
// Only the oldest object of each key is in its bucket's chain, so a hundred thousand objects of one
// key cost the others nothing, and neither does taking one out.
#pragma once

#include <algorithm>
#include <bit>
#include <limits>

#include "base/slab.h"
#include "base/zeroed_array.h"

namespace ringgate {

/// An object's place in one index.
struct GroupLink {
  std::uint32_t next = 0;  ///< slab index, round the ring of its key; that of the oldest after the
                           ///< newest
  std::uint32_t previous = 0;
  std::uint32_t chain = 0;  ///< the oldest only: slab index + 1 of the next key's, 0 = the last
  std::uint32_t hash = 0;
};

/// An index over the objects of one slab, threaded through T::*Member. Memory is touched as it is
/// used. Keys are the caller's: it brings a hash, and compares the objects that have it. One
/// thread.
template <class T, GroupLink T::*Member>
class GroupIndex {
 public:
  /// Four objects to a bucket when the slab is full.
  explicit GroupIndex(Slab<T>& slab)
      : slab_(slab),
        mask_(std::max(std::bit_ceil(slab.capacity()) / 4, 1U) - 1),
        buckets_(std::size_t{mask_} + 1) {}

  /// The oldest object with that hash of which is(object) is true; null if there is none.
  template <class F>
  T* find(std::uint32_t hash, F&& is) {
    for (std::uint32_t at = bucket(hash); at != 0; at = link(at - 1).chain) {
      T& oldest = slab_.at(at - 1);
      if (link(at - 1).hash == hash && is(oldest)) return &oldest;
    }
    return nullptr;
  }
  T& newest(T& oldest) { return slab_.at((oldest.*Member).previous); }
  /// The one that came after it; null after the newest.
  T* next(T& one) {
    const std::uint32_t index = (one.*Member).next;
    return link(index).chain == follower ? &slab_.at(index) : nullptr;
  }

  /// Puts the object behind those of which is(object) is true: they share its key.
  template <class F>
  void add(T& one, std::uint32_t hash, F&& is) {
    const std::uint32_t index = slab_.index_of(&one);
    GroupLink& own = one.*Member;
    own.hash = hash;
    if (T* const oldest = find(hash, is)) {
      own.chain = follower;
      own.next = slab_.index_of(oldest);
      own.previous = link(own.next).previous;
      link(own.previous).next = index;
      link(own.next).previous = index;
    } else {
      own.next = own.previous = index;
      own.chain = bucket(hash);
      bucket(hash) = index + 1;
    }
  }
  void remove(T& one) {
    const GroupLink own = one.*Member;
    if (own.chain != follower) {
      const std::uint32_t index = slab_.index_of(&one);
      std::uint32_t* at = &bucket(own.hash);
      while (*at != index + 1) at = &link(*at - 1).chain;
      *at = own.chain;
      if (own.next != index) {  // The second becomes the oldest.
        link(own.next).chain = own.chain;
        *at = own.next + 1;
      }
    }
    link(own.previous).next = own.next;
    link(own.next).previous = own.previous;
  }

 private:
  static constexpr std::uint32_t follower = std::numeric_limits<std::uint32_t>::max();

  GroupLink& link(std::uint32_t index) { return slab_.at(index).*Member; }
  std::uint32_t& bucket(std::uint32_t hash) { return buckets_[hash & mask_]; }

  Slab<T>& slab_;
  std::uint32_t mask_;
  ZeroedArray<std::uint32_t> buckets_;
};

}  // namespace ringgate
