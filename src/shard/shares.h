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
  Shares(std::uint32_t count_max, std::uint32_t account_count) : count_max_(count_max) {
    adopt(account_count);
  }
  /// There are so many accounts now, those from before among them. Who has more than a share keeps
  /// it.
  void adopt(std::uint32_t account_count) {
    ASSERT(account_count >= held_.size());
    share_ = account_count > 1 ? count_max_ / 4 : count_max_;
    held_.resize(account_count);
  }

  /// False when the account has its share.
  bool take(std::uint32_t account) {
    ASSERT(account < held_.size());
    if (held_[account] >= share_) return false;
    ++held_[account];
    return true;
  }
  void give(std::uint32_t account) {
    ASSERT(account < held_.size());
    ASSERT(held_[account] != 0);
    --held_[account];
  }

 private:
  const std::uint32_t count_max_;
  std::uint32_t share_ = 0;
  std::vector<std::uint32_t> held_;
};

}  // namespace ringgate
