#include "policy/address_rules.h"

#include <re2/re2.h>

#include <algorithm>
#include <charconv>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "base/assert.h"

namespace ringgate {
namespace {

/// What RE2 may take for a pattern.
constexpr std::int64_t pattern_memory_max = 256 * 1024;
/// Up to so many steps RE2 matches a short text without the automaton that all threads would share
/// under a lock.
constexpr int pattern_steps_max = 512;

/// Of an address: any, where there is none.
struct Numbering {
  std::optional<std::uint8_t> ton{};
  std::optional<std::uint8_t> npi{};

  bool fits(const Address& address) const {
    return ton.value_or(address.ton) == address.ton && npi.value_or(address.npi) == address.npi;
  }
  friend auto operator<=>(const Numbering&, const Numbering&) = default;
};

struct Beginning {
  std::string text;
  Numbering numbering{};
  bool whole = false;  // nothing may follow
  bool denied = false;

  bool fits(const Address& address) const {
    return address.text.starts_with(text) && numbering.fits(address) &&
           (!whole || address.text.size() == text.size());
  }
  friend auto operator<=>(const Beginning&, const Beginning&) = default;
};

/// In order, those that an address begins with end before it, and each of them begins with the
/// shorter ones. So the longest is found by one search, and the others from there.
class Beginnings {
 public:
  explicit Beginnings(std::vector<Beginning> all) : all_(std::move(all)) {
    std::sort(all_.begin(), all_.end());
    all_.erase(std::unique(all_.begin(), all_.end()), all_.end());
    for (std::size_t i = 0; i < all_.size(); ++i) {
      std::size_t shorter = i;  // its index + 1, as in shorter_
      while (shorter != 0 && !all_[i].text.starts_with(all_[shorter - 1].text))
        shorter = shorter_[shorter - 1];
      shorter_.push_back(shorter);
    }
  }

  /// The longest that fits, of equally long ones the last in order; null if there is none.
  const Beginning* find(const Address& address) const {
    const auto after = std::upper_bound(
        all_.begin(), all_.end(), address.text,
        [](std::string_view text, const Beginning& one) { return text < one.text; });
    auto count = static_cast<std::size_t>(after - all_.begin());
    for (; count != 0; count = shorter_[count - 1])
      if (all_[count - 1].fits(address)) return &all_[count - 1];
    return nullptr;
  }

 private:
  std::vector<Beginning> all_;
  std::vector<std::size_t> shorter_;  // index + 1 of the last before it that it begins with; or 0
};

struct Pattern {
  Numbering numbering;
  std::unique_ptr<const re2::RE2> matcher;

  bool fits(const Address& address) const {
    // Asked for the group around it, RE2 goes through a short text step by step: 20 octets in 50 to
    // 250 ns, or some 1000 where the pattern can read the same octets in several ways. Asked for
    // nothing it would build its automaton while it matches, under a lock at which shards would
    // meet: 140 to 270 ns with two threads, and more with more.
    return numbering.fits(address) && re2::RE2::FullMatch(address.text, *matcher, nullptr);
  }
};

re2::RE2::Options pattern_options() {
  re2::RE2::Options options(re2::RE2::Quiet);
  options.set_encoding(re2::RE2::Options::EncodingLatin1);
  options.set_max_mem(pattern_memory_max);
  options.set_dot_nl(true);  // "." is any octet
  return options;
}

std::string printable(std::string text) {
  for (char& c : text)
    if (c < 0x20 || c > 0x7e) c = '?';
  return text;
}

/// Null, and says why, where the pattern is none.
std::unique_ptr<const re2::RE2> compile(std::string_view pattern, std::string& fault) {
  // By itself as well: "a)(b" would be one only in the group.
  const re2::RE2 alone(pattern, pattern_options());
  auto grouped =
      std::make_unique<const re2::RE2>("(" + std::string(pattern) + ")", pattern_options());
  if (!alone.ok() || !grouped->ok()) {
    const std::string& words = (alone.ok() ? *grouped : alone).error();
    fault = " has a pattern that RE2 refuses: " + printable(words);
    return nullptr;
  }
  if (grouped->ProgramSize() > pattern_steps_max) {
    fault = " has a pattern that is too large: " + std::to_string(grouped->ProgramSize()) +
            " steps, at most " + std::to_string(pattern_steps_max);
    return nullptr;
  }
  return grouped;
}

/// "*" (which sets nothing) or 0-255.
bool read_number(std::string_view text, std::optional<std::uint8_t>& number) {
  if (text == "*") return true;
  std::uint8_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return false;
  number = value;
  return true;
}

/// "5/0 ", "1/* ", "*/* ": takes it off; false if the text does not begin so.
bool take_numbering(std::string_view& text, Numbering& numbering) {
  const std::size_t space = text.find(' ');
  const std::size_t slash = text.find('/');
  if (space == text.npos || slash > space) return false;
  if (!read_number(text.substr(0, slash), numbering.ton) ||
      !read_number(text.substr(slash + 1, space - slash - 1), numbering.npi))
    return false;
  text.remove_prefix(space + 1);
  return true;
}

/// A rule of sources, taken apart.
struct SourceRule {
  enum class Kind : std::uint8_t { exact, prefix, pattern };
  Kind kind = Kind::exact;
  Numbering numbering{};
  std::string_view text;
};

/// Says by `fault` why it is none.
SourceRule parse_source(std::string_view text, std::string& fault) {
  SourceRule rule;
  // So that a mistake in TON and NPI is not taken for an address that nobody has.
  if (!text.starts_with('/') && text.find('/') != text.npos &&
      !take_numbering(text, rule.numbering)) {
    fault =
        " has a '/', so it must begin with TON and NPI, each 0-255 or '*', as \"5/0 ACME\" and "
        "\"*/* A/B\" do";
    return rule;
  }
  if (text.empty()) {
    fault = " has no address";
  } else if (text.starts_with('/')) {
    rule.kind = SourceRule::Kind::pattern;
    if (text.size() == 1 || !text.ends_with('/')) {
      fault = " has no '/' at its end";
      return rule;
    }
    rule.text = text.substr(1, text.size() - 2);
    if (rule.text.empty()) fault = " has an empty pattern";
  } else {
    const bool starred = text.ends_with('*');
    rule.kind = starred ? SourceRule::Kind::prefix : SourceRule::Kind::exact;
    rule.text = text.substr(0, text.size() - (starred ? 1 : 0));
    if (rule.text.find('*') != rule.text.npos)
      fault = " has a '*' before its end; write it as a pattern, between slashes";
  }
  return rule;
}

std::string_view without_plus(std::string_view number) {
  return number.substr(number.starts_with('+') ? 1 : 0);
}

/// The digits; "" for "*"; nothing if it is no rule of destinations.
std::optional<std::string_view> parse_destination(std::string_view text) {
  if (text == "*") return "";
  text = without_plus(text);
  if (text.ends_with('*')) text.remove_suffix(1);
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (text.empty() || !std::all_of(text.begin(), text.end(), is_digit)) return std::nullopt;
  return text;
}

}  // namespace

struct SourceRules::State {
  Beginnings beginnings;
  std::vector<Pattern> patterns;
};

SourceRules::SourceRules(std::span<const std::string> texts) {
  if (texts.empty()) return;
  std::vector<Beginning> beginnings;
  std::vector<Pattern> patterns;
  for (const std::string& text : texts) {
    std::string fault;
    const SourceRule rule = parse_source(text, fault);
    ASSERT(fault.empty());
    if (rule.kind == SourceRule::Kind::pattern) {
      patterns.push_back({rule.numbering, compile(rule.text, fault)});
      ASSERT(patterns.back().matcher != nullptr);
    } else {
      const bool whole = rule.kind == SourceRule::Kind::exact;
      beginnings.push_back({std::string(rule.text), rule.numbering, whole});
    }
  }
  state_ =
      std::make_shared<const State>(State{Beginnings(std::move(beginnings)), std::move(patterns)});
}

std::string SourceRules::fault(std::string_view text) {
  std::string fault;
  const SourceRule rule = parse_source(text, fault);
  if (fault.empty() && rule.kind == SourceRule::Kind::pattern) compile(rule.text, fault);
  return fault;
}

bool SourceRules::allow(const Address& source) const {
  if (state_ == nullptr || state_->beginnings.find(source) != nullptr) return true;
  return std::any_of(state_->patterns.begin(), state_->patterns.end(),
                     [&](const Pattern& pattern) { return pattern.fits(source); });
}

struct DestinationRules::State {
  Beginnings beginnings;
  bool allows_others;
};

DestinationRules::DestinationRules(std::span<const std::string> allowed,
                                   std::span<const std::string> denied) {
  if (allowed.empty() && denied.empty()) return;
  std::vector<Beginning> beginnings;
  for (const bool deny : {false, true}) {
    for (const std::string& text : deny ? denied : allowed) {
      const auto digits = parse_destination(text);
      ASSERT(digits);
      beginnings.push_back({.text = std::string(*digits), .denied = deny});
    }
  }
  state_ = std::make_shared<const State>(State{Beginnings(std::move(beginnings)), allowed.empty()});
}

std::string DestinationRules::fault(std::string_view text) {
  if (parse_destination(text)) return {};
  return " must be digits, perhaps with a '*' behind them, or \"*\"";
}

bool DestinationRules::allow(const Address& destination) const {
  if (state_ == nullptr) return true;
  Address bare = destination;
  bare.text = without_plus(bare.text);
  // A denied one is behind an allowed one in order, so it is found first.
  const Beginning* found = state_->beginnings.find(bare);
  return found == nullptr ? state_->allows_others : !found->denied;
}

}  // namespace ringgate
