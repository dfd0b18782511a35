#include "load/run.h"

#include <algorithm>
#include <exception>
#include <functional>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "load/client.h"
#include "load/crew.h"
#include "load/placement.h"
#include "uring/time_slices.h"
#ifdef RINGGATE_TLS
#include "tls/ssl_channel.h"
#endif

namespace ringgate::load {

namespace {

constexpr unsigned sq_entries = 4096;
constexpr unsigned cq_entries = 32'768;
constexpr std::uint16_t receive_group = 0;
constexpr std::uint32_t receive_buffer_count = 512;
constexpr std::uint32_t receive_buffer_size = 16 * 1024;

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

std::size_t expected_receipts(const Options& options) {
  if (!options.receipts) return 1;
  // With the done ones a table of 1 MiB, which the second-level cache holds: one of 64 MiB took
  // four times as long per message. It grows when receipts take long enough to need more.
  constexpr std::uint64_t usual = 1 << 14;
  return options.count != 0 ? std::min(options.count, usual) : usual;
}

/// What a thread has of its own, made by itself: a ring belongs to who has made it.
class Worker {
 public:
  Worker(const Options& options, const Endpoints& endpoints, Crew& crew, unsigned index,
         int signals)
      : options_(options), endpoints_(endpoints), crew_(crew), index_(index), signals_(signals) {}

  /// Whatever stops this thread is told to the others, which would wait for it.
  void run() {
    try {
      const Result<Report> found = try_run();
      if (found)
        report_ = found.value();
      else
        crew_.fail(found.error());
    } catch (const std::exception& error) {
      crew_.fail(Error{ErrorCode::io, 0, error.what()});
    }
  }
  const Report& report() const { return report_; }

 private:
  Result<Report> try_run() {
    std::optional<unsigned> cpu;
    if (!options_.cpus.empty()) cpu = options_.cpus[index_];
    if (cpu && !run_on(*cpu))
      return Error{ErrorCode::invalid, 0, "cannot run on CPU " + std::to_string(*cpu)};
    uring::take_long_slices();
    const Result<uring::Capabilities> capabilities = uring::probe();
    if (!capabilities) return capabilities.error();
    const auto ring = uring::Ring::make(capabilities.value(), sq_entries, cq_entries);
    if (!ring) return ring.error();
    const auto buffers = uring::BufferRing::make(*ring.value(), receive_group, receive_buffer_count,
                                                 receive_buffer_size);
    if (!buffers) return buffers.error();
    std::function<std::unique_ptr<io::Channel>()> make_channel;
    if (options_.tls) {
      if (std::string fault = set_up_tls(options_, make_channel); !fault.empty())
        return Error{ErrorCode::invalid, 0, std::move(fault)};
    }
    Client client(options_, crew_, index_, cpu, endpoints_, *ring.value(), *buffers.value(),
                  signals_, std::move(make_channel));
    return client.run();
  }

  const Options& options_;
  const Endpoints& endpoints_;
  Crew& crew_;
  const unsigned index_;
  const int signals_;
  Report report_;
};

/// Ports are the kernel's choice.
Result<Endpoints> endpoints_of(const Options& options, const uring::SocketAddress& server) {
  Endpoints out{server, {}};
  for (const std::string& text : options.from) {
    const auto address = uring::parse_address(text, 0);
    if (!address) return address.error();
    if (address.value().storage.ss_family != server.storage.ss_family)
      return Error{ErrorCode::invalid, 0,
                   "--from " + text + ": the server is " + server.text() +
                       ", and its address is not of that kind"};
    out.from.push_back(address.value());
  }
  return out;
}

}  // namespace

Result<Report> run_threads(const Options& options, const uring::SocketAddress& server,
                           int signals) {
  const Result<Endpoints> endpoints = endpoints_of(options, server);
  if (!endpoints) return endpoints.error();
  Crew crew(options.threads, expected_receipts(options));
  std::vector<Worker> workers;
  for (unsigned i = 0; i < options.threads; ++i)
    workers.emplace_back(options, endpoints.value(), crew, i, signals);
  // This thread is the first.
  std::vector<std::jthread> others;
  for (unsigned i = 1; i < options.threads; ++i)
    others.emplace_back([&worker = workers[i]] { worker.run(); });
  workers.front().run();
  others.clear();
  if (crew.failed()) return crew.failure();

  Report report = workers.front().report();
  for (unsigned i = 1; i < options.threads; ++i) report.add(workers[i].report());
  crew.seconds().finish();
  report.seconds = crew.seconds().seconds();
  report.latency_histogram = crew.seconds().latencies();
  report.latency = summarize(report.latency_histogram);
  report.receipt_histogram = crew.seconds().receipt_latencies();
  report.receipt_latency = summarize(report.receipt_histogram);
  report.rebind_latency = summarize(report.rebind_histogram);
  const std::uint64_t refused = report.receipts.refused;
  report.receipts = crew.receipts().counts();
  report.receipts.refused = refused;
  return report;
}

}  // namespace ringgate::load
