#include "load/rate_profile.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/assert.h"
#include "base/words.h"
#include "load/number.h"

namespace ringgate::load {

namespace {

constexpr double rate_max = 1e9;
constexpr double profile_seconds_max = 1e9;

double due_in(const RatePart& part, double seconds) {
  const double slope = part.seconds > 0 ? (part.to - part.from) / part.seconds : 0;
  return seconds * (part.from + slope * seconds / 2);
}
double due_in(const RatePart& part) { return part.seconds * (part.from + part.to) / 2; }

/// The seconds of that part after which so many are due.
double time_in(const RatePart& part, double messages) {
  const double slope = part.seconds > 0 ? (part.to - part.from) / part.seconds : 0;
  const double root = std::sqrt(std::max(0.0, part.from * part.from + 2 * slope * messages));
  // The formula that loses no digits where the slope is small; at the very beginning of a ramp from
  // 0 both are 0.
  return messages <= 0 ? 0 : 2 * messages / (part.from + root);
}

RatePart forever(const RatePart& last) {
  return {std::numeric_limits<double>::infinity(), last.to, last.to};
}

constexpr const char* expected =
    ": expected messages per second up to 1000000000, such as 500, 50k, 10k..1m or 10k,20k,50k";

/// "50k", or "10k..100k".
std::optional<RatePart> part_of(std::string_view text, double seconds) {
  const std::size_t dots = text.find("..");
  const bool ramp = dots != text.npos;
  const auto from = number_of(text.substr(0, dots));
  const auto to = ramp ? number_of(text.substr(dots + 2)) : from;
  if (!from || !to || *from > rate_max || *to > rate_max) return std::nullopt;
  return RatePart{seconds, *from, *to};
}

/// Takes the next piece off, up to the separator.
std::string_view next_piece(std::string_view& text, char separator) {
  const std::size_t at = text.find(separator);
  const std::string_view piece = text.substr(0, at);
  text = at == text.npos ? std::string_view() : text.substr(at + 1);
  return piece;
}

std::string_view next_word(std::string_view& line) { return take_word(line, " \t\r"); }

}  // namespace

std::optional<RateProfile> RateProfile::parse(std::string_view text, double seconds,
                                              std::string& fault) {
  const auto steps = static_cast<double>(std::ranges::count(text, ',') + 1);
  std::vector<RatePart> parts;
  std::string_view rest = text;
  for (bool more = true; more;) {
    more = rest.find(',') != rest.npos;
    const auto part = part_of(next_piece(rest, ','), seconds / steps);
    if (!part) {
      fault = std::string(text) +
              (steps > 1 ? ", step " + std::to_string(parts.size() + 1) : std::string()) + expected;
      return std::nullopt;
    }
    parts.push_back(*part);
  }
  return RateProfile(std::move(parts));
}

std::optional<RateProfile> RateProfile::parse_lines(std::string_view text, std::string& fault) {
  std::vector<RatePart> parts;
  for (std::size_t number = 1; !text.empty(); ++number) {
    std::string_view whole = next_piece(text, '\n');
    std::string_view line = next_piece(whole, '#');
    const std::string_view first = next_word(line), second = next_word(line);
    if (first.empty()) continue;
    const auto seconds = number_of(first);
    const bool is_pair = !second.empty() && next_word(line).empty();
    if (!is_pair || !seconds || *seconds <= 0 || *seconds > profile_seconds_max) {
      fault = "line " + std::to_string(number) +
              ": expected SECONDS RATE, such as 10 50k or 30 10k..1m";
      return std::nullopt;
    }
    const auto part = part_of(second, *seconds);
    if (!part) {
      fault = "line " + std::to_string(number) + ": " + std::string(second) + expected;
      return std::nullopt;
    }
    parts.push_back(*part);
  }
  if (parts.empty()) {
    fault = "no line has a rate";
    return std::nullopt;
  }
  return RateProfile(std::move(parts));
}

bool RateProfile::is_constant() const {
  return std::ranges::all_of(parts_, [this](const RatePart& part) {
    return part.from == parts_.front().from && part.to == parts_.front().from;
  });
}

double RateProfile::seconds() const {
  double out = 0;
  for (const RatePart& part : parts_) out += part.seconds;
  return out;
}

RateProfile RateProfile::scaled(double factor) const {
  RateProfile out = *this;
  for (RatePart& part : out.parts_) {
    part.from *= factor;
    part.to *= factor;
  }
  return out;
}

void RateProfile::warm_up(double seconds) {
  ASSERT(!empty());
  if (seconds > 0) parts_.insert(parts_.begin(), {seconds, first_rate(), first_rate()});
}

double RateProfile::due_by(double seconds) const {
  double out = 0;
  for (const RatePart& part : parts_) {
    if (seconds <= part.seconds) return out + due_in(part, seconds);
    out += due_in(part);
    seconds -= part.seconds;
  }
  return empty() ? 0 : out + parts_.back().to * seconds;
}

RateClock::RateClock(const RateProfile& profile) : parts_(profile.parts()) {
  ASSERT(!parts_.empty());
  parts_.push_back(forever(parts_.back()));
}

double RateClock::time_of(double messages) {
  while (part_ + 1 < parts_.size() && messages - due_before_ >= due_in(parts_[part_])) {
    due_before_ += due_in(parts_[part_]);
    began_s_ += parts_[part_].seconds;
    ++part_;
  }
  const RatePart& part = parts_[part_];
  if (part_ + 1 == parts_.size())
    return part.from > 0 ? began_s_ + (messages - due_before_) / part.from
                         : std::numeric_limits<double>::infinity();
  return began_s_ + time_in(part, messages - due_before_);
}

}  // namespace ringgate::load
