#include "load/requirement.h"

#include <cmath>
#include <cstdlib>
#include <span>

#include "base/assert.h"
#include "base/words.h"
#include "config/suggestion.h"
#include "load/number.h"

namespace ringgate::load {
namespace {

std::optional<double> count(std::uint64_t value) { return static_cast<double>(value); }

template <LatencySummary Report::*Which, Nanos LatencySummary::*Quantile>
std::optional<double> latency(const Report& report) {
  const LatencySummary& summary = report.*Which;
  // Where a backlog grows, latencies only tell for how long.
  if (summary.count == 0 || !report.sustainable()) return std::nullopt;
  return static_cast<double>(summary.*Quantile);
}

template <Nanos LatencySummary::*Quantile>
std::optional<double> rebind(const Report& report) {
  if (report.rebind_latency.count == 0) return std::nullopt;
  return static_cast<double>(report.rebind_latency.*Quantile);
}

constexpr Suffix duration_suffixes[] = {{"ns", 1}, {"us", 1e3}, {"ms", 1e6}, {"s", 1e9}};

}  // namespace

struct Requirement::Metric {
  enum class Kind : unsigned char { duration, number };

  std::string_view name;
  Kind kind;
  RequiredOf of;
  std::optional<double> (*figure)(const Report&);
};

const Requirement::Metric Requirement::metric_rows[] = {
    {"p50", Metric::Kind::duration, RequiredOf::every_run,
     latency<&Report::latency, &LatencySummary::p50>},
    {"p99", Metric::Kind::duration, RequiredOf::every_run,
     latency<&Report::latency, &LatencySummary::p99>},
    {"p999", Metric::Kind::duration, RequiredOf::every_run,
     latency<&Report::latency, &LatencySummary::p999>},
    {"max", Metric::Kind::duration, RequiredOf::every_run,
     latency<&Report::latency, &LatencySummary::max>},
    {"receipt_p50", Metric::Kind::duration, RequiredOf::receipts,
     latency<&Report::receipt_latency, &LatencySummary::p50>},
    {"receipt_p99", Metric::Kind::duration, RequiredOf::receipts,
     latency<&Report::receipt_latency, &LatencySummary::p99>},
    {"receipt_p999", Metric::Kind::duration, RequiredOf::receipts,
     latency<&Report::receipt_latency, &LatencySummary::p999>},
    {"receipt_max", Metric::Kind::duration, RequiredOf::receipts,
     latency<&Report::receipt_latency, &LatencySummary::max>},
    {"rate", Metric::Kind::number, RequiredOf::every_run,
     [](const Report& report) {
       return report.measured() ? std::optional(report.rate()) : std::nullopt;
     }},
    {"submitted", Metric::Kind::number, RequiredOf::every_run,
     [](const Report& report) { return count(report.submitted); }},
    {"accepted", Metric::Kind::number, RequiredOf::every_run,
     [](const Report& report) { return count(report.accepted()); }},
    {"refused", Metric::Kind::number, RequiredOf::every_run,
     [](const Report& report) { return count(report.responses - report.accepted()); }},
    {"throttled", Metric::Kind::number, RequiredOf::every_run,
     [](const Report& report) { return count(report.throttled()); }},
    {"unanswered", Metric::Kind::number, RequiredOf::every_run,
     [](const Report& report) { return count(report.unanswered()); }},
    {"not_submitted", Metric::Kind::number, RequiredOf::every_run,
     [](const Report& report) { return count(report.not_submitted); }},
    {"connections_lost", Metric::Kind::number, RequiredOf::every_run,
     [](const Report& report) { return count(report.connections_lost); }},
    {"out_of_order", Metric::Kind::number, RequiredOf::every_run,
     [](const Report& report) { return count(report.out_of_order); }},
    {"violations", Metric::Kind::number, RequiredOf::every_run,
     [](const Report& report) { return count(report.violations.all()); }},
    {"rebind_p50", Metric::Kind::duration, RequiredOf::rebinds, rebind<&LatencySummary::p50>},
    {"rebind_p99", Metric::Kind::duration, RequiredOf::rebinds, rebind<&LatencySummary::p99>},
    {"rebind_max", Metric::Kind::duration, RequiredOf::rebinds, rebind<&LatencySummary::max>},
    {"rebinds_failed", Metric::Kind::number, RequiredOf::rebinds,
     [](const Report& report) { return count(report.rebinds.failed); }},
    {"rebinds_missing", Metric::Kind::number, RequiredOf::rebinds,
     [](const Report& report) { return count(report.rebinds.missing); }},
    {"cut_off", Metric::Kind::number, RequiredOf::rebinds,
     [](const Report& report) { return count(report.rebinds.cut_off); }},
    {"missing", Metric::Kind::number, RequiredOf::receipts,
     [](const Report& report) { return count(report.receipts.missing()); }},
    {"duplicate", Metric::Kind::number, RequiredOf::receipts,
     [](const Report& report) { return count(report.receipts.duplicate); }},
    {"early", Metric::Kind::number, RequiredOf::receipts,
     [](const Report& report) { return count(report.receipts.early); }},
    {"unknown", Metric::Kind::number, RequiredOf::receipts,
     [](const Report& report) { return count(report.receipts.unknown); }},
};

std::string Requirement::metrics() {
  std::string out;
  for (const Metric& metric : metric_rows) {
    if (!out.empty()) out += ' ';
    out += metric.name;
  }
  return out;
}

const Requirement::Metric* Requirement::find_metric(std::string_view name) {
  // As people write it.
  if (name == "p99.9") name = "p999";
  if (name == "receipt_p99.9") name = "receipt_p999";
  for (const Metric& metric : metric_rows)
    if (metric.name == name) return &metric;
  return nullptr;
}

std::optional<Requirement> Requirement::parse(std::string_view text, std::string& fault) {
  text = trimmed(text);
  const auto refuse = [&](const std::string& why) {
    fault = std::string(text) + ": " + why;
    return std::nullopt;
  };
  const std::size_t at = text.find_first_of("<>=");
  if (at == std::string_view::npos)
    return refuse("expected a comparison, such as p99<5ms or missing=0");
  const std::string_view name = trimmed(text.substr(0, at));
  const Metric* const metric = find_metric(name);
  if (metric == nullptr) {
    std::vector<std::string_view> names;
    for (const Metric& row : metric_rows) names.push_back(row.name);
    const std::string_view best = suggestion(name, names);
    return refuse(best.empty() ? "expected one of " + metrics()
                               : "did you mean " + std::string(best) + "?");
  }
  const bool is_duration = metric->kind == Metric::Kind::duration;
  const bool or_equal = text.substr(at + 1, 1) == "=";
  const std::string_view value = trimmed(text.substr(at + (or_equal ? 2 : 1)));
  const auto bound = is_duration ? scaled(value, duration_suffixes) : number_of(value);
  if (!bound)
    return refuse(is_duration ? "expected a duration with its unit, such as 500us, 5ms or 1s"
                              : "expected a number, such as 0, 500, 50k or 1m");
  Comparison comparison = Comparison::equal;
  if (text[at] == '<') comparison = or_equal ? Comparison::at_most : Comparison::less;
  if (text[at] == '>') comparison = or_equal ? Comparison::at_least : Comparison::more;
  return Requirement(text, *metric, comparison, *bound);
}

RequiredOf Requirement::of() const { return metric_->of; }

std::optional<double> Requirement::figure(const Report& report) const {
  return metric_->figure(report);
}

bool Requirement::is_met(const Report& report) const {
  const std::optional<double> found = figure(report);
  if (!found) return false;
  switch (comparison_) {
    case Comparison::less:
      return *found < bound_;
    case Comparison::at_most:
      return *found <= bound_;
    case Comparison::more:
      return *found > bound_;
    case Comparison::at_least:
      return *found >= bound_;
    case Comparison::equal:
      return *found == bound_;
  }
  UNREACHABLE();
}

std::string Requirement::figure_text(const Report& report) const {
  const std::optional<double> found = figure(report);
  const bool no_samples = report.sustainable() || metric_->of == RequiredOf::rebinds;
  if (!found) return no_samples ? "no samples" : "the server did not keep up";
  if (metric_->kind == Metric::Kind::duration) return duration_text(static_cast<Nanos>(*found));
  return grouped(static_cast<std::uint64_t>(*found + 0.5));
}

std::vector<Requirement> parse_requirements(std::string_view text, std::string& fault) {
  std::vector<Requirement> out;
  while (true) {
    const std::size_t comma = text.find(',');
    auto one = Requirement::parse(text.substr(0, comma), fault);
    if (!one) return {};
    out.push_back(std::move(*one));
    if (comma == std::string_view::npos) return out;
    text.remove_prefix(comma + 1);
  }
}

}  // namespace ringgate::load
