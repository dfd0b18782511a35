// A ring on the test's thread, with all the capabilities of this kernel or with fewer.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <utility>
#include <vector>

#include "base/units.h"
#include "uring/ring.h"

namespace ringgate::uring {

/// Null, with a test failure, where io_uring is not available.
inline std::unique_ptr<Ring> make_ring(const Capabilities& capabilities, unsigned sq_entries = 8,
                                       unsigned cq_entries = 64) {
  Result<std::unique_ptr<Ring>> ring = Ring::make(capabilities, sq_entries, cq_entries);
  if (ring) return std::move(ring).value();
  ADD_FAILURE() << ring.error().text;
  return nullptr;
}

inline Capabilities all_capabilities() {
  const Result<Capabilities> capabilities = probe();
  if (capabilities) return capabilities.value();
  ADD_FAILURE() << capabilities.error().text;
  return {};
}

inline std::vector<io_uring_cqe> drain_all(Ring& ring) {
  std::vector<io_uring_cqe> completions;
  ring.drain([&](const io_uring_cqe& completion) {
    // Field by field: the kernel's type ends in a flexible array and cannot be copied as a whole.
    io_uring_cqe& copy = completions.emplace_back();
    copy.user_data = completion.user_data;
    copy.res = completion.res;
    copy.flags = completion.flags;
  });
  return completions;
}

/// Enters until at least `count` completions came or five seconds passed.
inline std::vector<io_uring_cqe> wait_for(Ring& ring, std::size_t count) {
  std::vector<io_uring_cqe> completions;
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(5);
  while (completions.size() < count && std::chrono::steady_clock::now() < give_up) {
    ring.enter(milliseconds(100), 1);
    for (const io_uring_cqe& completion : drain_all(ring)) {
      io_uring_cqe& copy = completions.emplace_back();
      copy.user_data = completion.user_data;
      copy.res = completion.res;
      copy.flags = completion.flags;
    }
  }
  return completions;
}

/// Milliseconds that `action` takes.
template <class Action>
double elapsed_ms(Action&& action) {
  const auto start = std::chrono::steady_clock::now();
  action();
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start)
      .count();
}

}  // namespace ringgate::uring
