#include "load/live_view.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "load/report.h"

namespace ringgate::load {

namespace {

constexpr std::size_t plotted_max = 60;

std::string elapsed_text(Nanos time) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f s", static_cast<double>(time) / 1e9);
  return text;
}

/// "[=====>     ]", filled as far as the run is.
std::string bar(double share, std::size_t width) {
  const auto filled =
      static_cast<std::size_t>(std::clamp(share, 0.0, 1.0) * static_cast<double>(width));
  std::string out(filled, '=');
  if (filled < width) out += '>';
  out.resize(width, ' ');
  return "[" + out + "]";
}

std::string time_text(const LiveFacts& facts) {
  constexpr std::size_t bar_width = 30;
  const std::string elapsed = elapsed_text(facts.elapsed);
  if (!facts.stage.empty()) return elapsed + "   waiting for the last " + std::string(facts.stage);
  if (facts.length == 0) return elapsed;
  const double share = static_cast<double>(facts.elapsed) / static_cast<double>(facts.length);
  return bar(share, bar_width) + " " + elapsed + " of " + elapsed_text(facts.length);
}

std::string rebinds_now(const LiveFacts& facts) {
  return facts.with_rebinds ? "   bound again " + grouped(facts.rebinds) : std::string();
}

std::string answers_now(const LiveFacts& facts) {
  return "ok " + grouped(facts.accepted) + "   throttled " + grouped(facts.throttled) +
         "   errors " + grouped(facts.errors);
}

template <class Get>
std::vector<double> series(const std::vector<Second>& seconds, Get&& get) {
  std::vector<double> out;
  const std::size_t from = seconds.size() > plotted_max ? seconds.size() - plotted_max : 0;
  for (std::size_t i = from; i < seconds.size(); ++i) out.push_back(get(seconds[i]));
  return out;
}

double rate_of(const Second& second) {
  return second.size == 0
             ? 0.0
             : static_cast<double>(second.submitted) / (static_cast<double>(second.size) / 1e9);
}

/// Why the last second says little of the server; empty: it says enough.
std::string limits_now(const LiveFacts& facts) {
  if (facts.seconds.empty() || !counts(facts.seconds.back())) return {};
  std::string out;
  for (const std::string_view cause : limits_of(facts.seconds.back()))
    out += (out.empty() ? "" : ", ") + std::string(cause);
  return out;
}

/// Characters of a terminal: octets that do not go on with one.
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

/// A line that is too long would become two, and the next view would be drawn in the wrong place.
std::string cut(std::string line, unsigned columns) {
  while (!line.empty() && width_of(line) >= columns) {
    while ((static_cast<unsigned char>(line.back()) & 0xC0) == 0x80) line.pop_back();
    line.pop_back();
  }
  return line + "\n";
}

/// As programs find out that do not want to know more of a locale.
bool speaks_utf8() {
  for (const char* const name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const char* const value = std::getenv(name);
    if (value == nullptr || *value == 0) continue;
    return std::strstr(value, "UTF-8") != nullptr || std::strstr(value, "utf8") != nullptr;
  }
  return false;
}

/// Where lines can be drawn over.
bool is_screen() {
  const char* const kind = std::getenv("TERM");
  return isatty(STDERR_FILENO) == 1 && kind != nullptr && *kind != 0 &&
         std::strcmp(kind, "dumb") != 0;
}

/// What has scrolled away could not be drawn over.
std::string first_lines(const std::string& text, unsigned count) {
  std::size_t end = 0;
  for (; count > 0 && end < text.size(); --count) end = text.find('\n', end) + 1;
  return text.substr(0, end);
}

}  // namespace

std::string sparkline(const std::vector<double>& values, bool blocks) {
  static constexpr const char* heights[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  static constexpr char marks[] = "_.-=+*%#";
  double most = 0;
  for (const double value : values) most = std::max(most, value);
  std::string out;
  for (const double value : values) {
    const auto at =
        most <= 0 ? 0 : static_cast<std::size_t>(std::clamp(value / most * 7 + 0.5, 0.0, 7.0));
    if (blocks)
      out += heights[at];
    else
      out += marks[at];
  }
  return out;
}

std::string progress_line(const LiveFacts& facts) {
  char elapsed[32];
  std::snprintf(elapsed, sizeof elapsed, "%6.1f s   ", static_cast<double>(facts.elapsed) / 1e9);
  if (facts.idle) {
    return elapsed + grouped(facts.binds) + " binds open" + rebinds_now(facts);
  }
  std::string text = elapsed + grouped(facts.rate) + " submits/s   " + answers_now(facts);
  if (facts.with_receipts) text += "   receipts " + grouped(facts.receipts);
  return text + rebinds_now(facts) + "   open " + grouped(facts.open);
}

std::string live_view(const LiveFacts& facts, unsigned columns, bool blocks) {
  std::string out;
  const auto line = [&](const char* label, const std::string& text) {
    char head[16];
    std::snprintf(head, sizeof head, "%-10s", label);
    out += cut(head + text, columns);
  };
  line("time", time_text(facts));
  if (facts.idle) {
    line("binds", grouped(facts.binds) + " open" + rebinds_now(facts));
    return out;
  }
  line("submits",
       grouped(facts.rate) + "/s   " + sparkline(series(facts.seconds, rate_of), blocks));
  if (!facts.seconds.empty()) {
    const LatencySummary& last = facts.seconds.back().latency;
    const auto p99 = [](const Second& second) { return static_cast<double>(second.latency.p99); };
    line("latency", "p50 " + duration_text(last.p50) + "   p99 " + duration_text(last.p99) + "   " +
                        sparkline(series(facts.seconds, p99), blocks));
  }
  line("answers", answers_now(facts) + "   open " + grouped(facts.open));
  if (facts.with_receipts) line("receipts", grouped(facts.receipts));
  if (facts.with_rebinds) line("binds", grouped(facts.binds) + " open" + rebinds_now(facts));
  if (const std::string limits = limits_now(facts); !limits.empty())
    line("limited", "by this program and its CPU: " + limits);
  return out;
}

LiveScreen::LiveScreen() : is_terminal_(is_screen()), blocks_(speaks_utf8()) {}

void LiveScreen::show(const LiveFacts& facts) {
  const std::lock_guard lock(mutex_);
  if (!is_terminal_) {
    std::fprintf(stderr, "%s\n", progress_line(facts).c_str());
    return;
  }
  winsize size{};
  const bool known = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col != 0;
  const std::string view = first_lines(live_view(facts, known ? size.ws_col : 80, blocks_),
                                       known && size.ws_row > 1 ? size.ws_row - 1u : 1u);
  make_place();
  std::fputs(view.c_str(), stderr);
  lines_ = static_cast<unsigned>(std::ranges::count(view, '\n'));
}

void LiveScreen::clear() {
  const std::lock_guard lock(mutex_);
  make_place();
}

void LiveScreen::say(const std::string& line) {
  const std::lock_guard lock(mutex_);
  make_place();
  std::fprintf(stderr, "%s\n", line.c_str());
}

void LiveScreen::make_place() {
  if (lines_ != 0) std::fprintf(stderr, "\033[%uA\r\033[J", lines_);
  lines_ = 0;
}

}  // namespace ringgate::load
