#include "daemon/console_log.h"

#include <spdlog/async.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include "runtime/background.h"

namespace ringgate {
namespace {

constexpr std::size_t queue_size = 8192;

}  // namespace

ConsoleLog::ConsoleLog() {
  spdlog::init_thread_pool(queue_size, 1, runtime::work_in_background);
  logger_ = spdlog::create_async_nb<spdlog::sinks::stderr_color_sink_mt>("ringgate");
  logger_->set_pattern("%Y-%m-%dT%H:%M:%S.%e %^%l%$ %v");
}

ConsoleLog::~ConsoleLog() {
  logger_.reset();
  spdlog::shutdown();
}

void ConsoleLog::write(LogLevel level, std::string_view line) {
  const spdlog::string_view_t text(line.data(), line.size());
  switch (level) {
    case LogLevel::info:
      return logger_->info(text);
    case LogLevel::warning:
      return logger_->warn(text);
    case LogLevel::error:
      return logger_->error(text);
  }
}

}  // namespace ringgate
