// The roster in use: put by whoever changes accounts, followed by every shard.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <utility>

#include "routing/roster.h"

namespace ringgate::runtime {

/// Any thread.
class Rosters {
 public:
  explicit Rosters(std::shared_ptr<const Roster> first) : current_(std::move(first)) {}

  std::shared_ptr<const Roster> current() const {
    const std::scoped_lock lock(mutex_);
    return current_;
  }
  /// `next` follows the current one.
  void put(std::shared_ptr<const Roster> next) {
    const std::scoped_lock lock(mutex_);
    current_ = std::move(next);
    version_.fetch_add(1, std::memory_order_release);
  }
  /// Another number after each put. Whoever hears of an account from somebody who had it from
  /// current() sees the number that came with it: acquire, as he has heard it by a queue.
  std::uint64_t version() const { return version_.load(std::memory_order_acquire); }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const Roster> current_;
  std::atomic<std::uint64_t> version_ = 0;
};

}  // namespace ringgate::runtime
