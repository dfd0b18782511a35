// A large array of zeros that costs nothing until it is used.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <type_traits>

#include "base/assert.h"

namespace ringgate {

/// `size` values whose octets are all zero. From calloc, which takes that much as fresh pages of
/// the kernel's and leaves them alone, where a vector would write them all at start.
template <class T>
class ZeroedArray {
  static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);

 public:
  explicit ZeroedArray(std::size_t size)
      : size_(size), values_(static_cast<T*>(std::calloc(size, sizeof(T)))) {
    ASSERT(values_ != nullptr);
  }

  std::size_t size() const { return size_; }
  T& operator[](std::size_t index) { return values_[index]; }
  const T& operator[](std::size_t index) const { return values_[index]; }

 private:
  struct Free {
    void operator()(T* values) const { std::free(values); }
  };

  const std::size_t size_;
  const std::unique_ptr<T[], Free> values_;
};

}  // namespace ringgate
