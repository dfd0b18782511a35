#include "daemon/wiring.h"

#include <ringgate/server.h>
#include <sys/resource.h>

#include <cstdio>
#include <thread>

#include "backend/sim/simulator.h"
#include "daemon/console_log.h"
#include "daemon/signals.h"

namespace ringgate {
namespace {

constexpr int exit_cannot_start = 1;
constexpr int exit_journal_failed = 3;

std::string listener_text(const ListenOptions& listen, std::uint16_t port) {
  const bool v6 = listen.address.find(':') != std::string::npos;
  return (v6 ? "[" + listen.address + "]" : listen.address) + ":" + std::to_string(port);
}

/// The soft limit of a shell is often 1024. Where the hard limit is too low as well, start() says
/// so.
void allow_descriptors(std::uint64_t needed) {
  rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= needed) return;
  limit.rlim_cur = limit.rlim_max < needed ? limit.rlim_max : needed;
  (void)setrlimit(RLIMIT_NOFILE, &limit);
}

/// The next signal to end on, or Signals::wake; the log hears of the others.
int next_end(Signals& signals, Log& log) {
  for (;;) {
    const int signal = signals.wait();
    if (signal == Signals::wake || Signals::ends(signal)) return signal;
    log.write(
        LogLevel::warning,
        Signals::name_of(signal) +
            (signal == SIGHUP ? " ignored: a changed configuration needs a restart" : " ignored"));
  }
}

/// Ends in order; another signal meanwhile makes it quick.
void end(Server& server, Signals& signals, Log& log) {
  std::thread ending([&server] {
    server.stop();
    Signals::end_wait();
  });
  for (int signal = next_end(signals, log); signal != Signals::wake;
       signal = next_end(signals, log)) {
    log.write(LogLevel::info, Signals::name_of(signal) + ": hurrying");
    server.hurry();
  }
  ending.join();
}

}  // namespace

int serve(const Options& options) {
  Signals signals;
  ConsoleLog log;
  allow_descriptors(Server::descriptors_needed(options));
  Simulator simulator(options.backend.sim, options.limits.max_open_messages);

  std::string error;
  const std::unique_ptr<Server> server = Server::start(options, simulator, &log, error);
  if (server == nullptr) {
    std::fprintf(stderr, "ringgate: %s\n", error.c_str());
    return exit_cannot_start;
  }
  log.write(LogLevel::info, server->capabilities());
  for (std::size_t i = 0; i < options.listen.size(); ++i)
    log.write(LogLevel::info, "listening on " + listener_text(options.listen[i], server->port(i)));

  if (options.store.mode == StoreMode::none)
    log.write(LogLevel::warning,
              "store.mode is \"none\": what was accepted is lost if this process crashes");
  server->on_failure([] { Signals::end_wait(); });

  const int signal = next_end(signals, log);
  if (server->failed()) {
    log.write(LogLevel::error, "ending because the journal has failed");
  } else {
    log.write(LogLevel::info, "ending on " + Signals::name_of(signal) + "; once more to hurry");
  }
  end(*server, signals, log);
  const Counters counters = server->counters();
  log.write(LogLevel::info,
            "ended submits=" + std::to_string(counters.submits) +
                " submits_ok=" + std::to_string(counters.submits_ok) +
                " submits_throttled=" + std::to_string(counters.submits_throttled) +
                " submits_refused=" + std::to_string(counters.submits_refused) +
                " operations_throttled=" + std::to_string(counters.operations_throttled) +
                " binds_refused=" + std::to_string(counters.binds_refused) +
                " delivers_ok=" + std::to_string(counters.delivers_ok) +
                " messages_open=" + std::to_string(counters.messages_open) +
                " outbox_waiting=" + std::to_string(counters.outbox_waiting) +
                " gave_way=" + std::to_string(counters.gave_way) +
                " connections_refused=" + std::to_string(counters.connections_refused) +
                " misrouted=" + std::to_string(counters.misrouted));
  return server->failed() ? exit_journal_failed : 0;
}

}  // namespace ringgate
