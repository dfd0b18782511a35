#include "load/report.h"

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <map>

#include "load/requirement.h"

namespace ringgate::load {

namespace {

[[gnu::format(printf, 1, 2)]] std::string format(const char* pattern, ...) {
  char text[256];
  va_list arguments;
  va_start(arguments, pattern);
  std::vsnprintf(text, sizeof text, pattern, arguments);
  va_end(arguments);
  return text;
}

std::string line(const char* label, const std::string& text) {
  return format("%-14s", label) + text + "\n";
}

std::string latency_text(const LatencySummary& latency) {
  if (latency.count == 1) return duration_text(latency.max);
  return "p50 " + duration_text(latency.p50) + "   p99 " + duration_text(latency.p99) +
         "   p99.9 " + duration_text(latency.p999) + "   max " + duration_text(latency.max);
}

std::string accepted_text(const Report& report) {
  std::string text = grouped(report.accepted());
  if (report.accepted() == 1 && !report.last_message_id.empty())
    return text + "   message_id " + printable(report.last_message_id);
  if (!report.measured()) return text;
  return text + "   " + grouped(static_cast<std::uint64_t>(report.rate() + 0.5)) + "/s";
}

/// Latencies of a backlog that grows only tell how long it has grown.
std::string backlog_text(const Report& report) {
  const double per_second =
      std::max(report.backlog_growth, static_cast<double>(report.not_submitted) /
                                          (static_cast<double>(report.submitting) / 1e9));
  return "the backlog grew by " + grouped(static_cast<std::uint64_t>(per_second + 0.5)) +
         " messages a second, and latency with it";
}

std::string receipts_text(const ReceiptCounts& counts) {
  std::string text = grouped(counts.matched) + " of " + grouped(counts.requested);
  const auto add = [&text](std::uint64_t count, const char* what) {
    if (count != 0) text += "   " + grouped(count) + " " + what;
  };
  add(counts.missing(), "missing");
  add(counts.duplicate, "duplicate");
  add(counts.early, "before their submit_sm_resp");
  add(counts.unknown, "of unknown messages");
  add(counts.refused, "refused by us");
  return text;
}

std::string rebinds_text(const Report& report) {
  const RebindCounts& rebinds = report.rebinds;
  std::string text = grouped(rebinds.done) + " times";
  if (report.rebind_latency.count != 0) text += "   " + latency_text(report.rebind_latency);
  if (rebinds.failed != 0) text += "   " + grouped(rebinds.failed) + " attempts failed";
  if (rebinds.cut_off != 0) text += "   " + grouped(rebinds.cut_off) + " messages cut off";
  text = line("bound again", text);
  for (const StatusCounts::Row& row : rebinds.refusals.rows())
    text += line("bind refused", grouped(row.count) + "   " + status_text(row.status));
  if (rebinds.missing != 0)
    text += line("NOT BOUND", grouped(rebinds.missing) + " binds never came back");
  return text;
}

std::string violations_text(const Violations& violations) {
  std::string text;
  const auto add = [&text](std::uint64_t count, const char* what) {
    if (count != 0) text += (text.empty() ? "" : "   ") + grouped(count) + " " + what;
  };
  add(violations.malformed, "PDUs that are malformed or out of place");
  add(violations.unasked, "responses to nothing asked, or too late");
  return text;
}

std::string disk_text(const DiskProbe& probe) {
  const std::string times = "a durable write takes " + duration_text(probe.idle) + ", and " +
                            duration_text(probe.busy) + " while this program is busy";
  if (!probe.in_the_way()) return line("disk", times);
  return line("DISK", times) +
         line("", "its writes end on this program's CPUs: --cpu should name others");
}

/// Which seconds say more about this program than about the server, and why.
std::string limits_text(const Report& report) {
  std::map<std::string_view, std::size_t> causes;
  for (const Second& one : report.seconds) {
    if (!counts(one)) continue;
    for (const std::string_view cause : limits_of(one)) ++causes[cause];
  }
  std::string text = grouped(report.limited_seconds()) + " of " +
                     grouped(report.measured_seconds()) + " seconds by this program and its CPU";
  const char* before = ": ";
  for (const auto& [cause, count] : causes) {
    text += before + std::string(cause) + " " + grouped(count);
    before = ", ";
  }
  return text;
}

std::string requirements_text(const Report& report, std::span<const Requirement> requirements) {
  std::string text;
  for (const Requirement& one : requirements)
    text += line(one.is_met(report) ? "required" : "NOT REACHED",
                 one.text() + "   " + one.figure_text(report));
  return text;
}

}  // namespace

std::string status_text(Status status) {
  if (status_row(status) != nullptr) return std::string(status_name(status));
  return format("0x%08X", static_cast<unsigned>(status));
}

LatencySummary summarize(const Histogram& histogram) {
  const auto at = [&histogram](double q) { return static_cast<Nanos>(histogram.quantile(q)); };
  return {histogram.count(), at(0.5), at(0.99), at(0.999), static_cast<Nanos>(histogram.max())};
}

void Report::add(const Report& other) {
  submitting = std::max(submitting, other.submitting);
  duration = std::max(duration, other.duration);
  warm_up = std::max(warm_up, other.warm_up);
  submitted += other.submitted;
  responses += other.responses;
  not_submitted += other.not_submitted;
  backlog_growth += other.backlog_growth;
  for (const StatusCounts::Row& row : other.statuses.rows()) statuses.add(row.status, row.count);
  accepted_in_warm_up += other.accepted_in_warm_up;
  receipts.refused += other.receipts.refused;
  other_deliver_sm += other.other_deliver_sm;
  if (last_message_id.empty()) last_message_id = other.last_message_id;
  if (last_receipt.empty()) last_receipt = other.last_receipt;
  client_cpu += other.client_cpu;
  connections += other.connections;
  connections_lost += other.connections_lost;
  out_of_order += other.out_of_order;
  violations.malformed += other.violations.malformed;
  violations.unasked += other.violations.unasked;
  rebinds.done += other.rebinds.done;
  rebinds.failed += other.rebinds.failed;
  rebinds.missing += other.rebinds.missing;
  for (const StatusCounts::Row& row : other.rebinds.refusals.rows())
    rebinds.refusals.add(row.status, row.count);
  rebinds.cut_off += other.rebinds.cut_off;
  rebind_histogram.merge(other.rebind_histogram);
}

double Report::rate() const {
  const Nanos measured = duration - warm_up;
  return measured <= 0 ? 0.0
                       : static_cast<double>(accepted() - accepted_in_warm_up) /
                             (static_cast<double>(measured) / 1e9);
}

bool Report::sustainable() const {
  constexpr std::uint64_t one_in = 100;
  return not_submitted * one_in <= submitted + not_submitted && backlog_growth <= 0;
}

std::size_t Report::measured_seconds() const {
  return static_cast<std::size_t>(std::ranges::count_if(seconds, counts));
}

std::size_t Report::limited_seconds() const {
  return static_cast<std::size_t>(std::ranges::count_if(
      seconds, [](const Second& one) { return counts(one) && !limits_of(one).empty(); }));
}

bool Report::client_limited() const {
  constexpr std::size_t one_in = 20;
  return limited_seconds() * one_in > measured_seconds();
}

double Report::client_cpu_ns_per_message() const {
  return responses == 0 ? 0.0 : static_cast<double>(client_cpu) / static_cast<double>(responses);
}

bool Report::sound() const {
  return unanswered() == 0 && connections_lost == 0 && violations.all() == 0 &&
         rebinds.missing == 0 && receipts.lost() == 0 && (receipts.duplicate == 0 || rebinds.any());
}

std::string printable(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto octet = static_cast<unsigned char>(c);
    if (octet < 0x20 || octet >= 0x7F)
      out += format("\\x%02x", octet);
    else
      out.push_back(c);
  }
  return out;
}

std::string grouped(std::uint64_t number) {
  std::string text = std::to_string(number);
  for (std::size_t at = text.size(); at > 3; at -= 3) text.insert(at - 3, ",");
  return text;
}

std::string duration_text(Nanos duration) {
  static constexpr struct {
    double size;
    const char* name;
  } units[] = {{1e9, "s"}, {1e6, "ms"}, {1e3, "us"}};
  for (const auto& unit : units) {
    const double value = static_cast<double>(duration) / unit.size;
    if (value < 1) continue;
    return format("%.*f %s", value < 9.995 ? 2 : value < 99.95 ? 1 : 0, value, unit.name);
  }
  return format("%lld ns", static_cast<long long>(duration));
}

std::string report_text(const Report& report, std::span<const Requirement> requirements) {
  std::string text =
      line("connections",
           grouped(report.connections) +
               (report.connections_lost == 0 ? std::string()
                                             : "   " + grouped(report.connections_lost) + " LOST"));
  if (report.rebinds.wanted) text += rebinds_text(report);
  if (report.violations.all() != 0) text += line("VIOLATIONS", violations_text(report.violations));
  if (report.idle) {
    if (report.disk_probe) text += disk_text(*report.disk_probe);
    return line("duration", duration_text(report.duration)) + text +
           requirements_text(report, requirements);
  }

  text +=
      line("duration", duration_text(report.duration) +
                           (report.warm_up == 0
                                ? std::string()
                                : "   the first " + duration_text(report.warm_up) + " to warm up"));
  if (report.warm_up != 0 && report.responses != 0 && !report.measured())
    text += line("NOTHING", "was measured: all that was answered was sent in the warm-up");
  text += line("submitted",
               grouped(report.submitted) + (report.not_submitted == 0
                                                ? std::string()
                                                : "   " + grouped(report.not_submitted) +
                                                      " not sent in time: every window was full"));
  text += line("accepted", accepted_text(report));
  for (const StatusCounts::Row& row : report.statuses.rows())
    if (row.status != Status::ESME_ROK)
      text += line("refused", grouped(row.count) + "   " + status_text(row.status));
  if (report.unanswered() != 0) text += line("UNANSWERED", grouped(report.unanswered()));
  if (!report.sustainable())
    text += line("NOT KEPT UP", backlog_text(report));
  else if (report.latency.count != 0)
    text += line("latency", latency_text(report.latency));
  if (report.receipts_requested) {
    text += line("receipts", receipts_text(report.receipts));
    if (report.receipts.requested == 1 && !report.last_receipt.empty())
      text += line("", printable(report.last_receipt));
    if (report.receipt_latency.count != 0)
      text += line("receipts took", latency_text(report.receipt_latency));
  }
  if (report.other_deliver_sm != 0)
    text += line("other", grouped(report.other_deliver_sm) + " deliver_sm that were no receipts");
  if (report.out_of_order != 0)
    text += line("out of order", grouped(report.out_of_order) + " responses, which SMPP permits");
  // Start-up and waiting weigh too much in a few messages.
  constexpr std::uint64_t enough = 1000;
  if (report.responses >= enough)
    text += line("client CPU", format("%.0f ns per message", report.client_cpu_ns_per_message()));
  if (report.disk_probe) text += disk_text(*report.disk_probe);
  if (report.limited_seconds() != 0)
    text += line(report.client_limited() ? "LIMITED" : "limited", limits_text(report));
  return text + requirements_text(report, requirements);
}

}  // namespace ringgate::load
