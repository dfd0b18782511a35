// ringgate-load: an ESME that sends messages as fast as asked, and reports what became of them.
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include "load/compare.h"
#include "load/disk_probe.h"
#include "load/exit_status.h"
#include "load/facts.h"
#include "load/options.h"
#include "load/page_file.h"
#include "load/report.h"
#include "load/resolve.h"
#include "load/run.h"
#include "uring/standard_streams.h"

namespace ringgate::load {

namespace {

int complain(const std::string& text, int exit_code) {
  std::fprintf(stderr, "ringgate-load: %s\n", text.c_str());
  return exit_code;
}

void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  (void)setrlimit(RLIMIT_NOFILE, &limit);
}

// Interrupts arrive as completions, between turns.
int take_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  sigprocmask(SIG_BLOCK, &signals, nullptr);
  return signalfd(-1, &signals, SFD_CLOEXEC);
}

/// What has been printed has arrived: a full disk must not look like a good run.
bool print(const std::string& text) {
  return std::fputs(text.c_str(), stdout) >= 0 && std::fflush(stdout) == 0;
}

/// Returns the exit code of a run that has come to its end.
int tell(const Options& options, const Report& found, PageFile& page) {
  const RunFacts facts = run_facts(options);
  const bool printed = print(options.json ? report_json(found, options.requirements, facts)
                                          : report_text(found, options.requirements));
  if (page.wanted() && !page.write(report_html(found, options.requirements, facts)))
    return complain("--html: cannot write " + options.html, exit_failure);
  if (!printed) return complain("cannot print the summary", exit_failure);
  if (!found.sound()) return exit_lost;
  const bool reached = std::ranges::all_of(
      options.requirements, [&found](const Requirement& one) { return one.is_met(found); });
  if (reached) return 0;
  // Then the server may be better than that.
  return found.client_limited() ? exit_client_limited : exit_not_reached;
}

int run(const Options& options) {
  const Result<uring::SocketAddress> server = resolve(options.host, options.port);
  if (!server) return complain("--host: " + server.error().text, exit_usage);
  PageFile page(options.html);
  if (!page.open())
    return complain(
        "--html: cannot write " + options.html + ": " + std::system_category().message(errno),
        exit_usage);
  raise_descriptor_limit();
  // Sleep to the nanosecond where possible: the default slack of 50 us would show as latency.
  (void)prctl(PR_SET_TIMERSLACK, 1UL);
  const int signals = take_signals();
  if (signals < 0) return complain("cannot receive signals", exit_failure);

  const auto complain_of = [](const Error& error) {
    return complain(error.text, error.code == ErrorCode::invalid ? exit_usage : exit_failure);
  };
  std::optional<DiskProbe> disk_probe;
  if (!options.disk_probe.empty()) {
    const Result<DiskProbe> probe = probe_disk(options.disk_probe, options.cpus);
    if (!probe) return complain_of(probe.error());
    disk_probe = probe.value();
  }
  Result<Report> report = run_threads(options, server.value(), signals);
  if (!report) return complain_of(report.error());
  report.value().disk_probe = disk_probe;
  return tell(options, report.value(), page);
}

}  // namespace

}  // namespace ringgate::load

int main(int argc, char** argv) {
  ringgate::uring::open_standard_streams();
  try {
    if (argc > 1 && std::string_view(argv[1]) == "compare")
      return ringgate::load::compare_files(argc - 1, argv + 1);
    const ringgate::load::ParsedOptions parsed = ringgate::load::parse_options(argc, argv);
    return parsed.options ? ringgate::load::run(*parsed.options) : parsed.exit_code;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "ringgate-load: %s\n", error.what());
    return 1;
  }
}
