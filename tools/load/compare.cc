#include "load/compare.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "config/suggestion.h"
#include "load/comparison.h"
#include "load/report.h"

namespace ringgate::load {

namespace {

using Json = nlohmann::json;

constexpr int exit_usage = 2;

struct Metric {
  const char* name;
  const char* path;  // in a run's JSON
  bool more_is_faster;
};
constexpr Metric metrics[] = {
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

/// What was wrong with a file or a word; told in one line.
struct Complaint {
  std::string text;
};

struct Runs {
  std::string file;
  std::vector<Json> runs;
};

Runs read_runs(const std::string& file) {
  std::ifstream in(file);
  if (!in) throw Complaint{"cannot read " + file};
  Runs out{file, {}};
  std::size_t number = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    if (line.find_first_not_of(" \t\r") == line.npos) continue;
    Json run = Json::parse(line, nullptr, false);
    if (!run.is_object() || !run.contains("rate") || !run.contains("latency_us"))
      throw Complaint{file + ", line " + std::to_string(number) +
                      ": not a run of ringgate-load --json"};
    out.runs.push_back(std::move(run));
  }
  if (out.runs.empty()) throw Complaint{file + " has no run"};
  return out;
}

const Metric& metric_of(const std::string& name) {
  std::vector<std::string_view> names;
  for (const Metric& metric : metrics) {
    if (metric.name == name) return metric;
    names.push_back(metric.name);
  }
  const std::string_view best = suggestion(name, names);
  std::string all;
  for (const std::string_view one : names) all += " " + std::string(one);
  throw Complaint{
      "--metric " + name +
      (best.empty() ? ": expected one of" + all : ": did you mean " + std::string(best) + "?")};
}

/// An open loop's rate is the one that was asked for.
const Metric& usual_metric(const Json& run) {
  const bool closed = run.value("/options/rate"_json_pointer, "closed loop") == "closed loop";
  return metric_of(closed ? "rate" : "p99");
}

std::vector<double> figures(const Runs& runs, const Metric& metric) {
  std::vector<double> out;
  for (const Json& run : runs.runs) {
    const double figure = run.value(Json::json_pointer(metric.path), 0.0);
    if (!(figure > 0))
      throw Complaint{runs.file + ": run " + std::to_string(out.size() + 1) + " has no " +
                      metric.name};
    out.push_back(figure);
  }
  return out;
}

/// What makes two runs incomparable: everything but the program, where it listens and the time.
std::set<std::string> differences(const Runs& a, const Runs& b) {
  const std::set<std::string> may_differ{"/options/server", "/machine/time"};
  std::set<std::string> out;
  const Json& first = a.runs.front();
  const auto look = [&](const Json& run) {
    for (const char* const part : {"options", "machine"}) {
      const Json diff =
          Json::diff(first.value(part, Json::object()), run.value(part, Json::object()));
      for (const Json& one : diff)
        out.insert("/" + std::string(part) + one.at("path").get<std::string>());
    }
  };
  for (const Json& run : a.runs) look(run);
  for (const Json& run : b.runs) look(run);
  for (const std::string& name : may_differ) out.erase(name);
  return out;
}

std::string joined(const std::set<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : ", ") + name.substr(1);
  return out;
}

/// What a reader has to know of a file before its figures; ends with a new line, or is empty.
std::string warnings(const Runs& runs) {
  std::size_t limited = 0, unsound = 0;
  for (const Json& run : runs.runs) {
    if (run.value("/client/limited"_json_pointer, false)) ++limited;
    if (run.value("unanswered", 0) != 0 || run.value("connections_lost", 0) != 0 ||
        run.value("/receipts/missing"_json_pointer, 0) != 0 ||
        run.value("/receipts/duplicate"_json_pointer, 0) != 0)
      ++unsound;
  }
  std::string out;
  const auto warn = [&](std::size_t count, const char* what) {
    if (count != 0)
      out += "WARNING       " + grouped(count) + " of " + grouped(runs.runs.size()) + " runs in " +
             runs.file + " " + what + "\n";
  };
  warn(limited, "were limited by the client: they say little of the server");
  warn(unsound, "lost messages, receipts or connections");
  return out;
}

std::string percent(double ratio) {
  char text[32];
  std::snprintf(text, sizeof text, "%+.1f %%", (ratio - 1) * 100);
  return text;
}

std::string conclusion(const Comparison& comparison, const Metric& metric) {
  using Verdict = Comparison::Verdict;
  if (comparison.verdict != Verdict::cannot_tell)
    return (comparison.verdict == Verdict::more) == metric.more_is_faster ? "B is faster"
                                                                          : "B is slower";
  std::string out = "cannot tell";
  if (comparison.pairs < pairs_min)
    return out + ": at least " + std::to_string(pairs_min) + " pairs of runs are needed";
  if (comparison.pairs_needed == 0)
    return out + ": a difference of this size is what chance makes here";
  return out + ": about " + grouped(comparison.pairs_needed) + " pairs of runs might";
}

void print(const Comparison& comparison, const Metric& metric) {
  std::printf("metric        %s, %s is faster\n", metric.name,
              metric.more_is_faster ? "more" : "less");
  std::printf("pairs         %zu\n", comparison.pairs);
  std::printf("B to A        %s   95 %% between %s and %s\n", percent(comparison.median).c_str(),
              percent(comparison.low).c_str(), percent(comparison.high).c_str());
  std::printf("A to itself   up to %s\n", percent(comparison.noise).c_str());
  std::printf("verdict       %s\n", conclusion(comparison, metric).c_str());
}

void print_json(const Comparison& comparison, const Metric& metric) {
  const nlohmann::ordered_json json{{"metric", metric.name},
                                    {"pairs", comparison.pairs},
                                    {"ratio", comparison.median},
                                    {"low", comparison.low},
                                    {"high", comparison.high},
                                    {"noise", comparison.noise},
                                    {"verdict", conclusion(comparison, metric)}};
  std::printf("%s\n", json.dump().c_str());
}

struct Words {
  std::string a, b, metric;
  bool force = false;
  bool json = false;
};

void compare_runs(const Words& words) {
  const Runs a = read_runs(words.a), b = read_runs(words.b);
  if (a.runs.size() != b.runs.size() || a.runs.size() < 2)
    throw Complaint{words.a + " has " + grouped(a.runs.size()) + " runs and " + words.b + " " +
                    grouped(b.runs.size()) + ": pairs are needed, two at least"};
  const std::set<std::string> different = differences(a, b);
  if (!different.empty() && !words.force)
    throw Complaint{"the runs are not of one kind, they differ in " + joined(different) +
                    "; --force compares them all the same"};
  const Metric& metric =
      words.metric.empty() ? usual_metric(a.runs.front()) : metric_of(words.metric);
  const Comparison comparison = compare(figures(a, metric), figures(b, metric));
  std::fputs((warnings(a) + warnings(b)).c_str(), stderr);
  if (words.json)
    print_json(comparison, metric);
  else
    print(comparison, metric);
}

int complain(const std::string& text) {
  std::fprintf(stderr, "ringgate-load compare: %s\n", text.c_str());
  return exit_usage;
}

}  // namespace

int compare_files(int argc, char** argv) {
  Words words;
  CLI::App app(
      "Says whether B is faster than A, slower, or whether that cannot be told. Each file has runs "
      "as\n"
      "ringgate-load --json prints them, a line each; the nth of A and the nth of B are a pair, so "
      "let\n"
      "them take turns: A B B A A B ...\n");
  app.name("ringgate-load compare");
  app.add_option("A", words.a, "Runs of the one")->required()->type_name("FILE");
  app.add_option("B", words.b, "Runs of the other")->required()->type_name("FILE");
  app.add_option(
         "--metric", words.metric,
         "rate, p50, p99, p999, max, the same as receipt_p50 ..., or client_cpu; else rate of a\n"
         "closed loop, and p99 of an open one")
      ->type_name("NAME");
  app.add_flag("--force", words.force, "Compare what was asked for differently, or ran elsewhere")
      ->disable_flag_override();
  app.add_flag("--json", words.json, "One JSON object")->disable_flag_override();
  try {
    app.parse(argc, argv);
    compare_runs(words);
  } catch (const CLI::Success& request) {
    return app.exit(request);
  } catch (const CLI::Error& error) {
    return complain(std::string(error.what()) + "; see ringgate-load compare --help");
  } catch (const Complaint& complaint) {
    return complain(complaint.text);
  } catch (const Json::exception&) {
    return complain("a run has another type of value than ringgate-load --json writes");
  }
  return 0;
}

}  // namespace ringgate::load
