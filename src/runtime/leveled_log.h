// A log of which only what matters enough is passed on.
#pragma once

#include <atomic>
#include <string_view>

#include <ringgate/log.h>

namespace ringgate::runtime {

/// Any thread.
class LeveledLog final : public Log {
 public:
  /// `to` outlives it; null: nobody writes to this.
  explicit LeveledLog(Log* to) : to_(to) {}

  void set_least(LogLevel least) { least_.store(least, std::memory_order_relaxed); }
  void write(LogLevel level, std::string_view line) override {
    if (level >= least_.load(std::memory_order_relaxed)) to_->write(level, line);
  }

 private:
  Log* const to_;
  std::atomic<LogLevel> least_ = LogLevel::info;
};

}  // namespace ringgate::runtime
