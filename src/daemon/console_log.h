// The daemon's log: lines on standard error, written by a thread of spdlog's.
#pragma once

#include <memory>

#include <ringgate/log.h>

namespace spdlog {
class logger;
}

namespace ringgate {

/// Any thread may write; a full queue drops its oldest lines instead of making a shard wait.
class ConsoleLog final : public Log {
 public:
  ConsoleLog();
  ~ConsoleLog();
  ConsoleLog(const ConsoleLog&) = delete;
  ConsoleLog& operator=(const ConsoleLog&) = delete;

  void write(LogLevel level, std::string_view line) override;

 private:
  std::shared_ptr<spdlog::logger> logger_;
};

}  // namespace ringgate
