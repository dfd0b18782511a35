// The submits of an ESME that wait for their answers: whose they are, and whether they may have
// left.
#pragma once

#include <cstdint>
#include <vector>

#include "base/assert.h"

namespace ringgate {

/// A slot each, whose number is the token of the request in its session's window. One thread.
class SentSubmits {
 public:
  struct Submit {
    std::uint64_t token = 0;  ///< the program's
    std::uint64_t begin = 0;  ///< stream position of its first octet
  };

  std::uint32_t put(const Submit& submit) {
    if (free_.empty()) {
      slots_.push_back(submit);
      return static_cast<std::uint32_t>(slots_.size() - 1);
    }
    const std::uint32_t slot = free_.back();
    free_.pop_back();
    slots_[slot] = submit;
    return slot;
  }
  Submit take(std::uint64_t slot) {
    ASSERT(slot < slots_.size());
    free_.push_back(static_cast<std::uint32_t>(slot));
    return slots_[slot];
  }
  std::size_t count() const { return slots_.size() - free_.size(); }

 private:
  std::vector<Submit> slots_;  // as many as the window
  std::vector<std::uint32_t> free_;
};

}  // namespace ringgate
