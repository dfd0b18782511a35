#include "load/compare.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "config/suggestion.h"
#include "load/comparison.h"
#include "load/exit_status.h"
#include "load/report.h"
#include "load/runs.h"

namespace ringgate::load {

namespace {

const Metric& metric_of(const std::string& name) {
  std::vector<std::string_view> names;
  for (const Metric& metric : metrics()) {
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
const Metric& usual_metric(const Run& run) {
  const auto rate = run.facts.find("options/rate");
  return metric_of(rate == run.facts.end() || rate->second == "closed loop" ? "rate" : "p99");
}

std::vector<double> figures(const Runs& runs, const Metric& metric) {
  std::vector<double> out;
  for (const Run& run : runs.runs) {
    const auto figure = run.figures.find(metric.name);
    if (figure == run.figures.end())
      throw Complaint{runs.file + ": run " + std::to_string(out.size() + 1) + " has no " +
                      metric.name};
    out.push_back(figure->second);
  }
  return out;
}

std::string joined(const std::set<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : ", ") + printable(name);
  return out;
}

/// What makes a figure say something else than it seems to, or nothing. Of a rate, refusals and a
/// backlog are no part.
void check(const Runs& runs, const Metric& metric) {
  if (metric.more_is_faster) return;
  const auto refuse = [&](std::size_t count, const char* what) {
    if (count != 0)
      throw Complaint{grouped(count) + " of " + grouped(runs.runs.size()) + " runs in " +
                      runs.file + " " + what + "; --force compares them all the same"};
  };
  refuse(runs.count([](const Run& run) { return run.refused; }),
         "refused more than one message in a hundred, which takes less time than to accept them");
  refuse(runs.count([](const Run& run) { return !run.sustainable; }),
         "did not keep up with the rate, so that latencies only tell for how long");
}

/// What a reader has to know of a file before its figures; ends with a new line, or is empty.
std::string warnings(const Runs& runs) {
  std::string out;
  const auto warn = [&](bool (*is_so)(const Run&), const char* what) {
    const std::size_t count = runs.count(is_so);
    if (count != 0)
      out += "WARNING       " + grouped(count) + " of " + grouped(runs.runs.size()) + " runs in " +
             runs.file + " " + what + "\n";
  };
  warn([](const Run& run) { return run.limited; },
       "were limited by the client: they say little of the server");
  warn([](const Run& run) { return !run.sound; }, "lost messages, receipts or connections");
  warn([](const Run& run) { return run.refused; }, "refused more than one message in a hundred");
  warn([](const Run& run) { return !run.sustainable; }, "did not keep up with the rate");
  return out;
}

std::string warnings(const Runs& a, const Runs& b) {
  std::string out = warnings(a) + warnings(b);
  if (!took_turns(a, b))
    out +=
        "WARNING       the runs did not take turns: what has changed on the machine meanwhile "
        "looks\n"
        "              like a difference of the two\n";
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

struct CompareWords {
  std::string a, b, metric, require;
  bool force = false;
  bool json = false;
};

/// Whether it is what was asked for.
bool is_met(const std::string& requirement, const Comparison& comparison, const Metric& metric) {
  using Verdict = Comparison::Verdict;
  const Verdict faster = metric.more_is_faster ? Verdict::more : Verdict::less;
  const Verdict slower = metric.more_is_faster ? Verdict::less : Verdict::more;
  if (requirement == "faster") return comparison.verdict == faster;
  return requirement.empty() || (comparison.pairs >= pairs_min && comparison.verdict != slower);
}

int compare_runs(const CompareWords& words) {
  if (!words.require.empty() && words.require != "faster" && words.require != "not-slower")
    throw Complaint{"--require " + words.require + ": expected faster or not-slower"};
  const Runs a(words.a), b(words.b);
  if (a.runs.size() != b.runs.size() || a.runs.size() < 2)
    throw Complaint{words.a + " has " + grouped(a.runs.size()) + " runs and " + words.b + " " +
                    grouped(b.runs.size()) + ": pairs are needed, two at least"};
  const std::set<std::string> different = a.differences(b);
  if (!different.empty() && !words.force)
    throw Complaint{"the runs are not of one kind, they differ in " + joined(different) +
                    "; --force compares them all the same"};
  const Metric& metric =
      words.metric.empty() ? usual_metric(a.runs.front()) : metric_of(words.metric);
  if (!words.force) {
    check(a, metric);
    check(b, metric);
  }
  if (!words.require.empty() && !words.force)
    for (const Runs* const runs : {&a, &b})
      if (runs->count([](const Run& run) { return run.limited || !run.sound; }) != 0)
        throw Complaint{runs->file +
                        " has runs that were limited by the client or lost something: "
                        "--require takes them with --force only"};
  const Comparison comparison = compare(figures(a, metric), figures(b, metric));
  std::fputs(warnings(a, b).c_str(), stderr);
  if (words.json)
    print_json(comparison, metric);
  else
    print(comparison, metric);
  return is_met(words.require, comparison, metric) ? 0 : exit_not_reached;
}

int complain(const std::string& text) {
  std::fprintf(stderr, "ringgate-load compare: %s\n", text.c_str());
  return exit_usage;
}

}  // namespace

int compare_files(int argc, char** argv) {
  CompareWords words;
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
  app.add_option("--require", words.require,
                 "faster or not-slower: the exit status is 4 where that is not the verdict")
      ->type_name("VERDICT");
  app.footer("Exit status: 0 compared; 1 could not print; 2 nothing to compare; 4 --require.");
  try {
    app.parse(argc, argv);
    for (const char* const name : {"--metric", "--require"})
      if (app.count(name) != 0 && app[name]->as<std::string>().empty())
        throw Complaint{std::string(name) + " is empty"};
    const int status = compare_runs(words);
    if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return status;
    complain("cannot print the verdict");
    return exit_failure;
  } catch (const CLI::Success& request) {
    return app.exit(request);
  } catch (const CLI::Error& error) {
    return complain(std::string(error.what()) + "; see ringgate-load compare --help");
  } catch (const Complaint& complaint) {
    return complain(complaint.text);
  }
}

}  // namespace ringgate::load
