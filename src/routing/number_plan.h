// Who owns a number that a message comes for.
//
// A number of at most 18 digits is one integer: a 1 in front, then the digits. No two numbers share
// it, leading zeros count, longer numbers are larger, and a range is an interval:
//
//   "447700" -> 1447700      "0447700" -> 10447700
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <ringgate/options.h>

namespace ringgate {

/// The longest number in a plan: E.164 has 15 digits, and 18 with a 1 in front still fit an
/// integer.
inline constexpr std::size_t plan_digits_max = 18;

/// The digits as the plan compares them; empty unless `number` is an optional '+' and 1 to
/// plan_digits_max digits.
std::optional<std::string_view> plan_digits(std::string_view number);

/// What is wrong with a rule by itself, in words that follow "number"; empty for a good rule.
std::string number_fault(const NumberOptions& rule);

/// Two rules with the same key are the same rule. Only for rules without a fault.
std::string number_key(const NumberOptions& rule);

/// Made once, read by any thread.
class NumberPlan {
 public:
  /// The index of an account; empty if there is none.
  using AccountIndex = std::function<std::optional<std::uint32_t>(std::string_view system_id)>;

  NumberPlan() = default;
  /// Every rule must be without fault and name an account that exists. Of the same rule given
  /// twice, the first counts.
  NumberPlan(const std::vector<NumberOptions>& rules, const AccountIndex& account_index);

  /// An exact rule comes before the longest prefix, and that before the narrowest range (of several
  /// equally narrow ones, the first). A '+' in front is ignored. Does not allocate.
  std::optional<std::uint32_t> account_of(std::string_view number) const;

 private:
  using Accounts = std::unordered_map<std::uint64_t, std::uint32_t>;

  struct Range {
    std::uint64_t first, last;
    std::uint32_t account;
  };

  void add_ranges(std::vector<Range> ranges);
  std::optional<std::uint32_t> in_range(std::uint64_t number) const;

  Accounts exact_;
  Accounts prefixes_;
  std::vector<std::size_t> prefix_lengths_;  // those that occur, longest first
  std::vector<Range> ranges_;                // in order, without overlaps
};

}  // namespace ringgate
