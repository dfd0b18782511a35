#include "routing/number_plan.h"

#include <algorithm>
#include <array>
#include <map>

#include "base/assert.h"

namespace ringgate {
namespace {

std::uint64_t number_of(std::string_view digits) {
  std::uint64_t number = 1;
  for (const char digit : digits) number = number * 10 + static_cast<unsigned>(digit - '0');
  return number;
}

/// For rules, whose digits have been checked.
std::uint64_t rule_number(std::string_view text) { return number_of(plan_digits(text).value()); }

bool is_number(const std::string& text) { return text.empty() || plan_digits(text).has_value(); }

std::string_view without_plus(std::string_view number) {
  return number.substr(number.substr(0, 1) == "+" ? 1 : 0);
}

}  // namespace

std::optional<std::string_view> plan_digits(std::string_view number) {
  const std::string_view digits = without_plus(number);
  if (digits.empty() || digits.size() > plan_digits_max) return std::nullopt;
  for (const char c : digits)
    if (c < '0' || c > '9') return std::nullopt;
  return digits;
}

std::string number_fault(const NumberOptions& rule) {
  const bool is_range = !rule.first.empty() || !rule.last.empty();
  const int forms = (rule.exact.empty() ? 0 : 1) + (rule.prefix.empty() ? 0 : 1) + is_range;
  if (forms != 1)
    return forms == 0 ? "needs exact, prefix, or first and last"
                      : "must have only one of exact, prefix, or first and last";
  for (const std::string* text : {&rule.exact, &rule.prefix, &rule.first, &rule.last})
    if (!is_number(*text))
      return "must have 1-" + std::to_string(plan_digits_max) + " digits and nothing else";
  if (!is_range) return {};
  if (rule.first.empty()) return "has last, but no first";
  if (rule.last.empty()) return "has first, but no last";
  const std::string_view first = without_plus(rule.first), last = without_plus(rule.last);
  if (first.size() != last.size()) return "must have first and last of the same length";
  if (last < first) return "must not have last below first";
  return {};
}

std::string number_key(const NumberOptions& rule) {
  if (!rule.exact.empty()) return "exact " + std::string(without_plus(rule.exact));
  if (!rule.prefix.empty()) return "prefix " + std::string(without_plus(rule.prefix));
  return "range " + std::string(without_plus(rule.first)) + "-" +
         std::string(without_plus(rule.last));
}

NumberPlan::NumberPlan(const std::vector<NumberOptions>& rules, const AccountIndex& account_index) {
  std::vector<Range> ranges;
  for (const NumberOptions& rule : rules) {
    ASSERT(number_fault(rule).empty());
    const std::optional<std::uint32_t> account = account_index(rule.account);
    ASSERT(account.has_value());
    if (!rule.exact.empty()) {
      exact_.try_emplace(rule_number(rule.exact), *account);
    } else if (!rule.prefix.empty()) {
      prefixes_.try_emplace(rule_number(rule.prefix), *account);
      prefix_lengths_.push_back(without_plus(rule.prefix).size());
    } else {
      ranges.push_back({rule_number(rule.first), rule_number(rule.last), *account});
    }
  }
  std::sort(prefix_lengths_.begin(), prefix_lengths_.end(), std::greater<>());
  prefix_lengths_.erase(std::unique(prefix_lengths_.begin(), prefix_lengths_.end()),
                        prefix_lengths_.end());
  add_ranges(std::move(ranges));
}

// Ranges are painted over each other, the one that counts most last. Painting happens in a map from
// the start of each piece; a piece without an owner is a gap.
void NumberPlan::add_ranges(std::vector<Range> ranges) {
  std::reverse(ranges.begin(), ranges.end());
  std::stable_sort(ranges.begin(), ranges.end(), [](const Range& a, const Range& b) {
    return a.last - a.first > b.last - b.first;
  });
  std::map<std::uint64_t, std::optional<std::uint32_t>> pieces{{0, std::nullopt}};
  for (const Range& range : ranges) {
    const std::uint64_t end = range.last + 1;
    const std::optional<std::uint32_t> after = std::prev(pieces.upper_bound(end))->second;
    pieces.erase(pieces.lower_bound(range.first), pieces.upper_bound(end));
    pieces[range.first] = range.account;
    pieces[end] = after;
  }
  for (auto piece = pieces.begin(); piece != pieces.end(); ++piece) {
    if (!piece->second) continue;
    ranges_.push_back({piece->first, std::next(piece)->first - 1, *piece->second});
  }
}

std::optional<std::uint32_t> NumberPlan::in_range(std::uint64_t number) const {
  const auto after = std::upper_bound(
      ranges_.begin(), ranges_.end(), number,
      [](std::uint64_t wanted, const Range& range) { return wanted < range.first; });
  if (after == ranges_.begin() || std::prev(after)->last < number) return std::nullopt;
  return std::prev(after)->account;
}

std::optional<std::uint32_t> NumberPlan::account_of(std::string_view number) const {
  const std::optional<std::string_view> digits = plan_digits(number);
  if (!digits) return std::nullopt;
  // The integers of all beginnings of the number, by their length.
  std::array<std::uint64_t, plan_digits_max + 1> beginnings{1};
  for (std::size_t size = 1; size <= digits->size(); ++size)
    beginnings[size] = beginnings[size - 1] * 10 + static_cast<unsigned>((*digits)[size - 1] - '0');
  const std::uint64_t whole = beginnings[digits->size()];

  if (const auto found = exact_.find(whole); found != exact_.end()) return found->second;
  for (const std::size_t size : prefix_lengths_) {
    if (size > digits->size()) continue;
    const auto found = prefixes_.find(beginnings[size]);
    if (found != prefixes_.end()) return found->second;
  }
  return in_range(whole);
}

}  // namespace ringgate
