// ringgate-load: an ESME that sends messages as fast as asked, and reports what became of them.
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>

#include "load/client.h"
#include "load/compare.h"
#include "load/facts.h"
#include "load/options.h"
#include "load/page_file.h"
#include "load/report.h"
#include "load/resolve.h"
#ifdef RINGGATE_TLS
#include "tls/ssl_channel.h"
#endif

namespace ringgate::load {

namespace {

constexpr int exit_failure = 1;
constexpr int exit_usage = 2;
constexpr int exit_lost = 3;
constexpr int exit_not_reached = 4;
constexpr int exit_client_limited = 5;

constexpr unsigned sq_entries = 4096;
constexpr unsigned cq_entries = 32'768;
constexpr std::uint16_t receive_group = 0;
constexpr std::uint32_t receive_buffer_count = 512;
constexpr std::uint32_t receive_buffer_size = 16 * 1024;

int complain(const std::string& text, int exit_code) {
  std::fprintf(stderr, "ringgate-load: %s\n", text.c_str());
  return exit_code;
}

bool pin(unsigned cpu) {
  cpu_set_t cpus;
  CPU_ZERO(&cpus);
  CPU_SET(cpu, &cpus);
  return sched_setaffinity(0, sizeof cpus, &cpus) == 0;
}

void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  (void)setrlimit(RLIMIT_NOFILE, &limit);
}

/// A long time slice for this thread, from Linux 6.12 on; elsewhere nothing. Others then have the
/// shorter one and may run as soon as they wake up: a thread that paces never sleeps at high rates,
/// and a kernel worker of the disk whose interrupts arrive on this CPU would wait for the end of
/// its slice with every durable write of the server.
void take_long_slices() {
  struct {
    std::uint32_t size, policy;
    std::uint64_t flags;
    std::int32_t nice;
    std::uint32_t priority;
    std::uint64_t runtime, deadline, period;
  } attributes{};
  attributes.size = sizeof attributes;
  attributes.policy = SCHED_OTHER;
  attributes.nice = getpriority(PRIO_PROCESS, 0);
  attributes.runtime = 10'000'000;  // ns; what is accepted ends at 100 ms
  (void)syscall(SYS_sched_setattr, 0, &attributes, 0);
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

/// What is wrong with it, or nothing.
std::string set_up_tls([[maybe_unused]] const Options& options,
                       [[maybe_unused]] std::function<std::unique_ptr<io::Channel>()>& make) {
#ifdef RINGGATE_TLS
  const auto context = tls::ClientContext::make(options.tls_ca, options.tls_cert, options.tls_key);
  if (!context) return "--tls: " + context.error().text;
  make = [context = context.value(), name = options.tls_name] {
    return std::make_unique<tls::SslChannel>(context, name);
  };
  return {};
#else
  return "--tls: this build has no TLS";
#endif
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
  if (options.cpu && !pin(*options.cpu))
    return complain("cannot run on CPU " + std::to_string(*options.cpu), exit_usage);
  PageFile page(options.html);
  if (!page.open())
    return complain(
        "--html: cannot write " + options.html + ": " + std::system_category().message(errno),
        exit_usage);
  raise_descriptor_limit();
  take_long_slices();
  // Sleep to the nanosecond where possible: the default slack of 50 us would show as latency.
  (void)prctl(PR_SET_TIMERSLACK, 1UL);
  const int signals = take_signals();
  if (signals < 0) return complain("cannot receive signals", exit_failure);

  const Result<uring::Capabilities> capabilities = uring::probe();
  if (!capabilities) return complain(capabilities.error().text, exit_failure);
  const auto ring = uring::Ring::make(capabilities.value(), sq_entries, cq_entries);
  if (!ring) return complain(ring.error().text, exit_failure);
  const auto buffers = uring::BufferRing::make(*ring.value(), receive_group, receive_buffer_count,
                                               receive_buffer_size);
  if (!buffers) return complain(buffers.error().text, exit_failure);

  std::function<std::unique_ptr<io::Channel>()> make_channel;
  if (options.tls) {
    if (const std::string fault = set_up_tls(options, make_channel); !fault.empty())
      return complain(fault, exit_usage);
  }
  Client client(options, server.value(), *ring.value(), *buffers.value(), signals,
                std::move(make_channel));
  const Result<Report> report = client.run();
  if (!report) return complain(report.error().text, exit_failure);
  return tell(options, report.value(), page);
}

}  // namespace

}  // namespace ringgate::load

int main(int argc, char** argv) {
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
