#include "load/runs.h"

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

#include "load/text_file.h"

namespace ringgate::load {

namespace {

using Parsed = nlohmann::json;

// A day of seconds takes 50 MB.
constexpr std::size_t line_size_max = std::size_t{128} << 20;
constexpr std::size_t runs_max = 100'000;
// Nobody measures more, or less; and nothing overflows.
constexpr double figure_min = 1e-12, figure_max = 1e15;

constexpr Metric metric_rows[] = {
    {"rate", "/rate", true},
    {"p50", "/latency_us/p50", false},
    {"p99", "/latency_us/p99", false},
    {"p999", "/latency_us/p999", false},
    {"max", "/latency_us/max", false},
    {"receipt_p50", "/receipt_latency_us/p50", false},
    {"receipt_p99", "/receipt_latency_us/p99", false},
    {"receipt_p999", "/receipt_latency_us/p999", false},
    {"receipt_max", "/receipt_latency_us/max", false},
    {"client_cpu", "/client_cpu_ns_per_message", false},
};

/// Without what lies deeper than anything in a run: it would only be there to break the reader.
Parsed parsed(const std::string& line) {
  constexpr int depth_max = 6;
  const auto keep = [](int depth, Parsed::parse_event_t, Parsed&) { return depth <= depth_max; };
  return Parsed::parse(line, keep, false);
}

std::uint64_t count_in(const Parsed& json, const char* path) {
  return json.value(Parsed::json_pointer(path), std::uint64_t{0});
}

/// May throw what the library throws at another type.
Run run_of(const Parsed& json) {
  Run run;
  for (const Metric& metric : metric_rows) {
    const double figure = json.value(Parsed::json_pointer(metric.path), 0.0);
    if (figure >= figure_min && figure <= figure_max) run.figures[metric.name] = figure;
  }
  for (const char* const part : {"options", "machine"})
    for (const auto& [name, text] : json.value(part, std::map<std::string, std::string>()))
      run.facts[part + ("/" + name)] = text;
  run.limited = json.value("/client/limited"_json_pointer, false);
  run.sustainable = json.value("sustainable", true);
  for (const char* const lost : {"/unanswered", "/connections_lost", "/receipts/duplicate"})
    run.sound = run.sound && count_in(json, lost) == 0;
  run.sound =
      run.sound && count_in(json, "/receipts/missing") <= count_in(json, "/receipts/given_up");
  const std::uint64_t responses = count_in(json, "/responses");
  const std::uint64_t accepted = std::min(count_in(json, "/accepted"), responses);
  run.refused = responses - accepted > responses / 100;
  return run;
}

}  // namespace

std::span<const Metric> metrics() { return metric_rows; }

Runs::Runs(const std::string& name) : file(name) {
  std::ifstream in(name);
  if (!in) throw Complaint{"cannot read " + name};
  std::size_t number = 0;
  const auto refuse = [&](const char* why) {
    throw Complaint{name + ", line " + std::to_string(number) + ": " + why};
  };
  std::string line;
  while (true) {
    ++number;
    const LineRead read = read_line(in, line_size_max, line);
    if (read == LineRead::too_long) refuse("is longer than any run of ringgate-load --json");
    if (read == LineRead::end) break;
    if (line.find_first_not_of(" \t\r") == line.npos) continue;
    const Parsed json = parsed(line);
    if (!json.is_object() || !json.contains("rate") || !json.contains("latency_us"))
      refuse("not a run of ringgate-load --json, which is one line");
    if (runs.size() == runs_max) refuse("more runs than can be compared");
    try {
      runs.push_back(run_of(json));
    } catch (const Parsed::exception&) {
      refuse("has another type of value than ringgate-load --json writes");
    }
  }
  if (in.bad()) throw Complaint{"cannot read " + name};
  if (runs.empty()) throw Complaint{name + " has no run"};
}

std::set<std::string> Runs::differences(const Runs& others) const {
  std::set<std::string> out;
  const auto& first = runs.front().facts;
  const auto look = [&](const Run& run) {
    for (const auto& [name, text] : run.facts)
      if (const auto same = first.find(name); same == first.end() || same->second != text)
        out.insert(name);
    for (const auto& [name, text] : first)
      if (!run.facts.contains(name)) out.insert(name);
  };
  std::ranges::for_each(runs, look);
  std::ranges::for_each(others.runs, look);
  out.erase("options/server");
  out.erase("machine/time");
  return out;
}

std::size_t Runs::count(bool (*is_so)(const Run&)) const {
  return static_cast<std::size_t>(std::ranges::count_if(runs, is_so));
}

std::vector<std::string> Runs::times() const {
  std::vector<std::string> out;
  for (const Run& run : runs) {
    const auto found = run.facts.find("machine/time");
    if (found == run.facts.end()) return {};
    out.push_back(found->second);
  }
  return out;
}

bool took_turns(const Runs& a, const Runs& b) {
  // As text they have the order of time.
  const std::vector<std::string> one = a.times(), other = b.times();
  const std::size_t pairs = std::min(one.size(), other.size());
  for (std::size_t i = 0; i + 1 < pairs; ++i)
    if (std::max(one[i], other[i]) > std::min(one[i + 1], other[i + 1])) return false;
  return true;
}

}  // namespace ringgate::load
