#include <string>

#include "load/report.h"
#include "load/report_page.h"

namespace ringgate::load {

namespace {

/// Inside a script element nothing may look like the end of it; in JSON a < is part of a string.
std::string embedded(const std::string& json) {
  std::string out;
  for (const char c : json) {
    if (c == '<')
      out += "\\u003c";
    else
      out.push_back(c);
  }
  return out;
}

}  // namespace

std::string report_html(const Report& report, std::span<const Requirement> requirements,
                        const RunFacts& facts) {
  constexpr std::string_view place = "@RUN@";
  constexpr std::size_t at = report_page.find(place);
  static_assert(at != report_page.npos);
  return std::string(report_page.substr(0, at)) +
         embedded(report_json(report, requirements, facts)) +
         std::string(report_page.substr(at + place.size()));
}

}  // namespace ringgate::load
