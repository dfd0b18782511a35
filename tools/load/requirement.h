// What a run must have reached for whoever started it, such as "p99<5ms" or "missing=0".
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "load/report.h"

namespace ringgate::load {

/// Runs: all, those that ask for receipts, those in which binds come back.
enum class RequiredOf : unsigned char { every_run, receipts, rebinds };

/// A figure of the report, a comparison and a bound. A value; pure.
class Requirement {
 public:
  /// "METRIC<VALUE": one of < <= > >= =; durations with ns, us, ms or s, numbers as 50k and 1m.
  /// Empty, and `fault` says why: no such metric, or no such value of it.
  static std::optional<Requirement> parse(std::string_view text, std::string& fault);

  /// Every metric's name, for people.
  static std::string metrics();

  /// As it was written.
  const std::string& text() const { return text_; }
  /// Of which runs there can be a figure.
  RequiredOf of() const;
  /// What the report says; empty: nothing of that was measured.
  std::optional<double> figure(const Report& report) const;
  /// A figure that was not measured meets nothing: a run that has sent nothing has shown nothing.
  bool is_met(const Report& report) const;
  /// "3.21 ms", "12,000", "no samples".
  std::string figure_text(const Report& report) const;

 private:
  enum class Comparison : unsigned char { less, at_most, more, at_least, equal };
  struct Metric;
  static const Metric metric_rows[];
  static const Metric* find_metric(std::string_view name);

  Requirement(std::string_view text, const Metric& metric, Comparison comparison, double bound)
      : text_(text), metric_(&metric), comparison_(comparison), bound_(bound) {}

  std::string text_;
  const Metric* metric_;
  Comparison comparison_;
  double bound_;  // in nanoseconds where it is a duration
};

/// Of "p99<5ms,missing=0"; empty, and `fault` says why, when one is none.
std::vector<Requirement> parse_requirements(std::string_view text, std::string& fault);

}  // namespace ringgate::load
