// Zeros without the cost of writing them.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <memory>

#include "base/assert.h"

namespace ringgate {

/// `size` zeros whose memory is touched only where they are used.
template <class T>
class ZeroedArray {
 public:
  explicit ZeroedArray(std::size_t size) : values_(static_cast<T*>(std::calloc(size, sizeof(T)))) {
    ASSERT(values_ != nullptr);
  }
  T& operator[](std::size_t index) { return values_.get()[index]; }

 private:
  struct Free {
    void operator()(T* values) const { std::free(values); }
  };
  std::unique_ptr<T, Free> values_;
};

}  // namespace ringgate
