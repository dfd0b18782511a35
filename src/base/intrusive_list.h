// A doubly linked list whose links live inside the elements: no allocation, and removal from the
// middle in constant time.
#pragma once

#include <bit>
#include <cstddef>

#include "base/assert.h"

namespace ringgate {

/// The place an element keeps for one list. An element in several lists has one link for each.
/// Elements must not move or be copied while linked.
struct ListLink {
  ListLink* previous = nullptr;
  ListLink* next = nullptr;

  bool linked() const { return next != nullptr; }
};

/// A list of T threaded through T::*Member. It owns nothing: elements must be removed before they
/// die, and a list may die with elements in it only if nobody looks at their links again. One
/// thread.
template <class T, ListLink T::*Member>
class IntrusiveList {
 public:
  IntrusiveList() : sentinel_{&sentinel_, &sentinel_} {}
  IntrusiveList(const IntrusiveList&) = delete;
  IntrusiveList& operator=(const IntrusiveList&) = delete;

  bool empty() const { return sentinel_.next == &sentinel_; }
  std::size_t size() const { return size_; }

  void push_back(T& element) { insert_before(sentinel_, element.*Member); }
  void push_front(T& element) { insert_before(*sentinel_.next, element.*Member); }

  /// `place` is in this list.
  void insert_behind(T& place, T& element) {
    insert_before(*(place.*Member).next, element.*Member);
  }

  /// The first element, or null.
  T* front() { return element_of(sentinel_.next); }
  const T* front() const { return const_cast<IntrusiveList*>(this)->front(); }

  /// The element after `element`, which is in this list, or null at the end.
  T* next(T& element) {
    ASSERT((element.*Member).linked());
    return element_of((element.*Member).next);
  }

  /// Takes the first element out of the list; null if there is none.
  T* pop_front() {
    T* const first = front();
    if (first != nullptr) remove(*first);
    return first;
  }

  /// Moves all elements of `other` behind those of this list, in their order, in constant time.
  void append(IntrusiveList& other) { splice_before(sentinel_, other); }
  /// The same in front of them.
  void prepend(IntrusiveList& other) { splice_before(*sentinel_.next, other); }

  /// Takes out `element`, which must be in this very list: the links alone cannot tell, and size()
  /// would go wrong.
  void remove(T& element) {
    ListLink& link = element.*Member;
    ASSERT(link.linked());
    link.previous->next = link.next;
    link.next->previous = link.previous;
    link = ListLink{};
    --size_;
  }

 private:
  void insert_before(ListLink& place, ListLink& link) {
    ASSERT(!link.linked());
    link.previous = place.previous;
    link.next = &place;
    place.previous->next = &link;
    place.previous = &link;
    ++size_;
  }

  void splice_before(ListLink& place, IntrusiveList& other) {
    ASSERT(&other != this);
    if (other.empty()) return;
    ListLink& first = *other.sentinel_.next;
    ListLink& last = *other.sentinel_.previous;
    first.previous = place.previous;
    place.previous->next = &first;
    last.next = &place;
    place.previous = &last;
    size_ += other.size_;
    other.sentinel_ = {&other.sentinel_, &other.sentinel_};
    other.size_ = 0;
  }

  T* element_of(ListLink* link) {
    if (link == &sentinel_) return nullptr;
    // In the Itanium C++ ABI, which every compiler for Linux follows, a pointer to a data member is
    // its offset. offsetof cannot take a member given as template argument, and reckoning from a
    // made-up object is what sanitizers complain about.
    return reinterpret_cast<T*>(reinterpret_cast<char*>(link) -
                                std::bit_cast<std::ptrdiff_t>(Member));
  }

  ListLink sentinel_;
  std::size_t size_ = 0;
};

}  // namespace ringgate
