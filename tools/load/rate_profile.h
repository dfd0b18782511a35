// How many messages an open loop is to send per second, over the time of a run.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ringgate::load {

/// For so long from one rate to another, evenly.
struct RatePart {
  double seconds = 0;  ///< of the last part, only for the rate with which it ends
  double from = 0, to = 0;
};

/// A rate over time, of parts that follow each other; after the last its final rate goes on. A
/// value; pure.
class RateProfile {
 public:
  /// None: a closed loop.
  RateProfile() = default;

  /// "50k" a second; "10k..100k" from the one to the other; "10k,20k,50k" one after the other. What
  /// has several rates takes `seconds` in all. Empty, and `fault` says why.
  static std::optional<RateProfile> parse(std::string_view text, double seconds,
                                          std::string& fault);
  /// Of lines "SECONDS RATE", or "SECONDS RATE..RATE"; what follows a # is for people.
  static std::optional<RateProfile> parse_lines(std::string_view text, std::string& fault);

  bool empty() const { return parts_.empty(); }
  /// Whether it is one rate throughout.
  bool is_constant() const;
  /// Of all parts.
  double seconds() const;
  double first_rate() const { return parts_.front().from; }
  /// A part of it.
  RateProfile scaled(double factor) const;
  /// Goes on at its first rate for so long before it begins.
  void warm_up(double seconds);

  /// How many are due in the first `seconds`; grows with them.
  double due_by(double seconds) const;

  const std::vector<RatePart>& parts() const { return parts_; }

 private:
  explicit RateProfile(std::vector<RatePart> parts) : parts_(std::move(parts)) {}

  std::vector<RatePart> parts_;
};

/// When so many messages are due, for numbers that only grow.
class RateClock {
 public:
  /// `profile` is not empty.
  explicit RateClock(const RateProfile& profile);

  /// The seconds after which `messages` are due; infinite where the rate has ended at 0.
  double time_of(double messages);

 private:
  std::vector<RatePart> parts_;
  std::size_t part_ = 0;
  double began_s_ = 0;     // the part
  double due_before_ = 0;  // it
};

}  // namespace ringgate::load
