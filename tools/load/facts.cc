#include "load/facts.h"

#include <sys/utsname.h>
#include <unistd.h>

#include <cstdio>
#include <ctime>
#include <fstream>

#include "load/scenario.h"

namespace ringgate::load {

namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

std::string text_of(double value) {
  char text[64];
  std::snprintf(text, sizeof text, "%.10g", value);
  return text;
}

std::string mode_text(Mode mode) {
  switch (mode) {
    case Mode::trx:
      return "trx";
    case Mode::tx:
      return "tx";
    case Mode::tx_rx:
      return "tx+rx";
  }
  return {};
}

std::string rate_text(const Options& options) {
  const std::string text = options.rate.is_constant() ? text_of(options.rate.first_rate()) + "/s"
                                                      : options.rate_text + " per second";
  return text + (options.arrivals == Arrivals::even
                     ? ", evenly spaced"
                     : ", Poisson, seed " + std::to_string(options.seed));
}

std::string version_text(std::uint8_t version) {
  return std::to_string(version >> 4) + "." + std::to_string(version & 0xF);
}

/// The first of them: ten thousand would hide everything else.
std::string system_ids(const std::vector<Account>& accounts) {
  constexpr std::size_t told_max = 10;
  std::string out;
  for (std::size_t i = 0; i < accounts.size() && i < told_max; ++i)
    out += (i == 0 ? "" : ", ") + accounts[i].system_id;
  return accounts.size() > told_max ? out + ", ..." : out;
}

std::string answers_text(const AnswerOptions& answers) {
  std::string out = "after " + text_of(static_cast<double>(answers.delay) / 1e6) + " ms";
  for (const AnswerOptions::Error& error : answers.errors)
    out += ", " + text_of(error.share * 100) + " % " + std::string(status_name(error.status));
  return out;
}

std::string number_text(std::uint64_t value) { return std::to_string(value); }

std::string period_text(Nanos value) { return text_of(static_cast<double>(value) / 1e9) + " s"; }

/// What is sent.
void add_traffic(const Options& options, Pairs& out) {
  out.emplace_back("binds", number_text(options.binds));
  out.emplace_back("window", number_text(options.window));
  out.emplace_back("rate", options.rate.empty() ? "closed loop" : rate_text(options));
  if (options.count != 0) out.emplace_back("count", number_text(options.count));
  out.emplace_back("warm_up", period_text(options.warm_up));
  const MessageOptions& message = options.messages.front();
  if (!options.scenario.empty()) {
    out.emplace_back("scenario", options.scenario);
    out.emplace_back("scenario_digest", options.scenario_digest);
    out.emplace_back("messages", mix_text(options.messages));
  } else {
    out.emplace_back("size", number_text(message.size));
    out.emplace_back("source", message.source);
    out.emplace_back("destination", std::string(message.destinations.now()));
    out.emplace_back("destinations", number_text(message.destinations.count()));
  }
  out.emplace_back("receipts", options.receipts ? "yes" : "no");
  if (options.receipts) out.emplace_back("receipt_wait", period_text(options.receipt_wait));
  if (!options.answers.usual()) out.emplace_back("answers", answers_text(options.answers));
}

Pairs options_of(const Options& options) {
  Pairs out{{"server", options.host + ":" + number_text(options.port)},
            {"accounts", number_text(options.accounts.size())},
            {"system_ids", system_ids(options.accounts)},
            {"mode", mode_text(options.mode)},
            {"interface_version", version_text(options.interface_version)},
            {"tls", options.tls ? "yes" : "no"}};
  if (!options.like.empty()) out.emplace_back("like", options.like);
  if (!options.from.empty()) out.emplace_back("local_addresses", options.from_text);
  if (options.bind_rate != 0) out.emplace_back("bind_rate", text_of(options.bind_rate) + "/s");
  if (options.rebinds.churn != 0) out.emplace_back("churn", period_text(options.rebinds.churn));
  if (options.rebinds.storm != 0) out.emplace_back("storm", period_text(options.rebinds.storm));
  if (options.rebinds.reconnect) out.emplace_back("reconnect", "yes");
  if (options.throttle_pause != 0)
    out.emplace_back("throttle_pause", period_text(options.throttle_pause));
  out.emplace_back("enquire_link", period_text(options.enquire_link));
  if (options.inactivity != 0) out.emplace_back("inactivity", period_text(options.inactivity));
  if (options.duration != 0)
    out.emplace_back("duration", period_text(options.duration - options.warm_up));
  out.emplace_back("response_timeout", period_text(options.response_timeout));
  std::string cpus;
  for (const unsigned cpu : options.cpus) cpus += (cpus.empty() ? "" : ",") + number_text(cpu);
  if (!cpus.empty()) out.emplace_back("cpu", cpus);
  if (options.busy_poll != 0) out.emplace_back("busy_poll", period_text(options.busy_poll));
  if (options.threads > 1) out.emplace_back("threads", number_text(options.threads));
  if (options.idle_binds != 0)
    out.emplace_back("idle_binds", number_text(options.idle_binds));
  else
    add_traffic(options, out);
  return out;
}

/// Of the first line that begins so, what follows its colon.
std::string entry_of(const char* file, const std::string& head) {
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    if (line.compare(0, head.size(), head) != 0) continue;
    const std::size_t colon = line.find(':');
    const std::size_t from =
        colon == line.npos ? line.npos : line.find_first_not_of(" \t", colon + 1);
    return from == line.npos ? std::string() : line.substr(from);
  }
  return {};
}

Pairs machine_now() {
  Pairs out;
  char now[32];
  const std::time_t clock = std::time(nullptr);
  tm calendar{};
  if (gmtime_r(&clock, &calendar) != nullptr &&
      std::strftime(now, sizeof now, "%Y-%m-%d %H:%M:%S UTC", &calendar) != 0)
    out.emplace_back("time", now);
  utsname kernel{};
  if (uname(&kernel) == 0)
    out.emplace_back("kernel",
                     std::string(kernel.sysname) + " " + kernel.release + " " + kernel.machine);
  const auto add = [&out](const char* name, std::string value) {
    if (!value.empty()) out.emplace_back(name, std::move(value));
  };
  add("cpu", entry_of("/proc/cpuinfo", "model name"));
  out.emplace_back("cpus", std::to_string(sysconf(_SC_NPROCESSORS_ONLN)));
  const bool is_virtual =
      (" " + entry_of("/proc/cpuinfo", "flags") + " ").find(" hypervisor ") != std::string::npos;
  out.emplace_back("virtual", is_virtual ? "yes" : "no");
  add("memory", entry_of("/proc/meminfo", "MemTotal"));
  return out;
}

}  // namespace

RunFacts run_facts(const Options& options) { return {options_of(options), machine_now()}; }

}  // namespace ringgate::load
