// A flag that one shard holds at a time, for one look into a table that all shards share.
#pragma once

#include <atomic>

namespace ringgate {

class HoldFlag {
 private:
  friend class Hold;
  std::atomic_flag flag_;
};

/// Shards have a core each, so whoever waits does not keep the holder from going on.
class Hold {
 public:
  explicit Hold(HoldFlag& held) : flag_(held.flag_) {
    // Acquire here and release below: the next holder sees what this one has written.
    while (flag_.test_and_set(std::memory_order_acquire)) {
    }
  }
  ~Hold() { flag_.clear(std::memory_order_release); }
  Hold(const Hold&) = delete;
  Hold& operator=(const Hold&) = delete;

 private:
  std::atomic_flag& flag_;
};

}  // namespace ringgate
