// Numbers that nobody outside can guess.
#pragma once

#include <sys/random.h>
#include <sys/types.h>

#include <cstdint>

#include "base/assert.h"

namespace ringgate::uring {

/// Waits until the kernel has its entropy. Any thread.
inline std::uint64_t random_number() {
  std::uint64_t number = 0;
  const ssize_t drawn = getrandom(&number, sizeof number, 0);
  ASSERT(drawn == static_cast<ssize_t>(sizeof number));
  return number;
}

}  // namespace ringgate::uring
