#include "daemon/wiring.h"

#include <ringgate/server.h>
#include <sys/resource.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <thread>
#include <utility>

#include "backend/sim/simulator.h"
#include "base/log_line.h"
#include "daemon/console_log.h"
#include "daemon/pid_file.h"
#include "daemon/privileges.h"
#include "daemon/reload.h"
#include "daemon/signals.h"
#include "daemon/tls.h"

namespace ringgate {
namespace {

constexpr int exit_cannot_start = 1;
constexpr int exit_journal_failed = 3;
constexpr int exit_cannot_reload = 1;

std::string listener_text(const ListenOptions& listen, std::uint16_t port) {
  const bool v6 = listen.address.find(':') != std::string::npos;
  return (v6 ? "[" + listen.address + "]" : listen.address) + ":" + std::to_string(port);
}

/// The soft limit of a shell is often 1024. Where the hard limit is too low as well, start() says
/// so. In a storm thousands more wait for their place or for their end: without descriptors for
/// them, whoever comes waits in the kernel's line.
void allow_descriptors(std::uint64_t needed) {
  constexpr std::uint64_t in_a_storm = 8192;
  rlimit limit;
  const std::uint64_t wanted = needed + in_a_storm;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted) return;
  limit.rlim_cur = limit.rlim_max < wanted ? limit.rlim_max : wanted;
  (void)setrlimit(RLIMIT_NOFILE, &limit);
}

/// The next signal to end on, or Signals::wake. `reload()` is what SIGHUP does, `daily()` comes
/// once a day; the log hears of the other signals.
template <class F, class G>
int next_end(Signals& signals, Log& log, F&& reload, G&& daily) {
  using Clock = std::chrono::steady_clock;
  constexpr std::chrono::seconds day = std::chrono::hours(24);
  for (auto due = Clock::now() + day;;) {
    const int signal = signals.wait(std::chrono::ceil<std::chrono::seconds>(due - Clock::now()));
    if (signal == Signals::wake || Signals::ends(signal)) return signal;
    if (signal == Signals::late) {
      daily();
      due += day;
    } else if (signal == SIGHUP)
      reload();
    else
      log.write(LogLevel::warning, Signals::name_of(signal) + " ignored");
  }
}

/// Ends in order; another signal meanwhile makes it quick.
void end(Server& server, Signals& signals, Log& log) {
  std::thread ending([&server] {
    server.stop();
    Signals::end_wait();
  });
  bool told = false;
  const auto next = [&] {
    return next_end(
        signals, log,
        [&] {
          if (!std::exchange(told, true))
            log.write(LogLevel::warning, "SIGHUP ignored: the end has begun");
        },
        [] {});
  };
  for (int signal = next(); signal != Signals::wake; signal = next()) {
    log.write(LogLevel::info, Signals::name_of(signal) + ": hurrying");
    server.hurry();
  }
  ending.join();
}

/// Always these, and of the others those that have counted something.
std::string last_line(const Counters& counters) {
  static constexpr std::string_view always[] = {
      "submits",       "submits_ok",  "submits_throttled",    "submits_refused",
      "binds_refused", "delivers_ok", "messages_open",        "outbox_waiting",
      "gave_way",      "misrouted",   "operations_throttled", "connections_refused"};
  LogLine line("ended");
  for (const auto& row : counter_rows<std::uint64_t>)
    if (const std::uint64_t value = counters.*row.member;
        value != 0 || std::ranges::find(always, row.name) != std::end(always))
      line.field(row.name, value);
  return std::string(line.view());
}

}  // namespace

int serve(const std::string& path) {
  // Before the file is read: who sends SIGHUP meanwhile wants it to be read again.
  Signals signals;
  const Config config = load_config(path);
  if (!config.ok()) {
    print_errors(config);
    return exit_cannot_start;
  }
  const Options& options = config.options;
  // Where root may write it; at the end the user may be unable to remove it.
  PidFile pid_file;
  if (!options.node.pid_file.empty()) {
    if (const std::string why = pid_file.take(options.node.pid_file); !why.empty()) {
      std::fprintf(stderr, "ringgate: %s\n", why.c_str());
      return exit_cannot_start;
    }
  }
  allow_descriptors(Server::descriptors_needed(options));
  if (const std::string why = give_up_privileges(options); !why.empty()) {
    std::fprintf(stderr, "ringgate: %s\n", why.c_str());
    return exit_cannot_start;
  }
  keep_memory_private(options.node);
  // The log has a thread: no sooner.
  ConsoleLog log;
  Simulator simulator(options.backend.sim, options.limits.max_open_messages);

  std::string error;
  const std::unique_ptr<Server> server =
      Server::start(options, simulator, &log, error, nullptr, tls_engine());
  if (server == nullptr) {
    std::fprintf(stderr, "ringgate: %s\n", error.c_str());
    return exit_cannot_start;
  }
  log.write(LogLevel::info, server->capabilities());
  for (std::size_t i = 0; i < options.listen.size(); ++i)
    log.write(LogLevel::info, "listening on " + listener_text(options.listen[i], server->port(i)) +
                                  (options.listen[i].has_tls() ? " with TLS" : ""));

  tell_certificates(*server, log, LogLevel::info);
  if (const std::string warning = privileges_warning(options.node, path); !warning.empty())
    log.write(LogLevel::warning, warning);
  if (options.store.mode == StoreMode::none)
    log.write(LogLevel::warning,
              "store.mode is \"none\": what was accepted is lost if this process crashes");
  server->on_failure([] { Signals::end_wait(); });

  Reload reload(path, config);
  const int signal = next_end(
      signals, log, [&] { reload.run(*server, log); },
      [&] { tell_certificates(*server, log, LogLevel::warning); });
  if (server->failed()) {
    log.write(LogLevel::error, "ending because the journal has failed");
  } else {
    log.write(LogLevel::info, "ending on " + Signals::name_of(signal) + "; once more to hurry");
  }
  end(*server, signals, log);
  log.write(LogLevel::info, last_line(server->counters()));
  return server->failed() ? exit_journal_failed : 0;
}

void print_errors(const Config& config) {
  for (const ConfigError& error : config.errors) std::fprintf(stderr, "%s\n", error.text().c_str());
}

int ask_to_reload(const Config& config) {
  const std::string& path = config.options.node.pid_file;
  pid_t process = 0;
  const std::string why = path.empty()
                              ? "node.pid_file is not set: send SIGHUP to the process instead"
                              : PidFile::find(path, process);
  if (!why.empty()) {
    std::fprintf(stderr, "ringgate: %s\n", why.c_str());
    return exit_cannot_reload;
  }
  if (kill(process, SIGHUP) != 0) {
    std::fprintf(stderr, "ringgate: process %d: %s\n", process, std::strerror(errno));
    return exit_cannot_reload;
  }
  std::printf("process %d reads its configuration again; its log says what has changed\n", process);
  return 0;
}

}  // namespace ringgate
