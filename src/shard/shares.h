// So that no account takes all of something that there is a fixed number of.
#pragma once

#include <cstdint>
#include <vector>

#include "base/assert.h"

namespace ringgate {

/// Counts what each account holds: the only account may have everything, and one of several a
/// quarter. One thread.
class Shares {
 public:
  Shares(std::uint32_t count_max, std::uint32_t account_count)
      : share_(account_count > 1 ? count_max / 4 : count_max), held_(account_count) {}

  /// False when the account has its share.
  bool take(std::uint32_t account) {
    ASSERT(account < held_.size() && held_[account] <= share_);
    if (held_[account] == share_) return false;
    ++held_[account];
    return true;
  }
  void give(std::uint32_t account) {
    ASSERT(account < held_.size());
    ASSERT(held_[account] != 0);
    --held_[account];
  }

 private:
  const std::uint32_t share_;
  std::vector<std::uint32_t> held_;
};

}  // namespace ringgate
