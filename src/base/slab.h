// A fixed number of objects of one type, allocated at start.
#pragma once

#include <cstdint>
#include <new>
#include <type_traits>
#include <utility>

#include "base/assert.h"
#include "base/block_pool.h"

namespace ringgate {

/// Room for `capacity` objects of type T at stable addresses, each with an index that fits a
/// user_data or a descriptor. Memory is one block, untouched until used. The destructor frees that
/// block and destroys no T: the owner gives everything back first, or T is trivially destructible.
/// One thread.
template <class T>
class Slab {
 public:
  explicit Slab(std::uint32_t capacity) : blocks_(sizeof(T), capacity) {
    static_assert(sizeof(T) >= sizeof(std::uint32_t),
                  "a free slot keeps the index of the next one");
    static_assert(alignof(T) <= BlockPool::alignment);
  }

  /// A new T made from the arguments, or null when all are in use. Without arguments the T is
  /// value-initialised, so an aggregate is zeroed; give T a constructor where that is too much to
  /// write.
  template <class... A>
  T* take(A&&... arguments) {
    const std::uint32_t index = blocks_.take();
    if (index == BlockPool::none) [[unlikely]]
      return nullptr;
    void* const place = base() + index;
    if constexpr (std::is_constructible_v<T, A...>) {
      return ::new (place) T(std::forward<A>(arguments)...);
    } else {
      return ::new (place) T{std::forward<A>(arguments)...};
    }
  }

  /// Destroys an object that take() returned and makes its slot the next one to be taken.
  void give(T* object) {
    const std::uint32_t index = index_of(object);
    object->~T();
    blocks_.give(index);
  }

  /// give() for who knows the index already, and so need not divide for it.
  void give_at(std::uint32_t index) {
    at(index).~T();
    blocks_.give(index);
  }

  /// The index of an object of this slab, below capacity().
  std::uint32_t index_of(const T* object) const {
    ASSERT(object >= base());
    ASSERT(object < base() + capacity());
    return static_cast<std::uint32_t>(object - base());
  }

  /// The object with this index, which must be in use.
  T& at(std::uint32_t index) {
    ASSERT(index < capacity());
    return base()[index];
  }
  const T& at(std::uint32_t index) const {
    ASSERT(index < capacity());
    return base()[index];
  }

  std::uint32_t capacity() const { return blocks_.capacity(); }
  std::uint32_t in_use() const { return blocks_.in_use(); }

 private:
  // Plain T arithmetic: the compiler divides by the constant sizeof(T), where BlockPool would
  // divide by a variable.
  T* base() const { return reinterpret_cast<T*>(blocks_.base()); }

  BlockPool blocks_;
};

}  // namespace ringgate
