// Which addresses an account may send from, and to.
//
// A rule of a source, with the address's TON and NPI before it where they matter ("*" is any):
//
//   "ACME"  "5/0 ACME"       this address, octet by octet
//   "4477*"  "1/* 4477*"     those that begin so; "*" is every one
//   "/[A-Z]{3,11}/"          those that match as a whole (RE2's syntax, of octets)
//
// A rule of a destination is a prefix of digits, "4477" or "4477*", or "*" for every one.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include <ringgate/message.h>

namespace ringgate {

/// Any of some rules; none allows all. Made once, read by any thread; copies share what they have.
class SourceRules {
 public:
  SourceRules() = default;
  /// Each is without fault.
  explicit SourceRules(std::span<const std::string> texts);

  /// What is wrong with a rule, in words that follow the option's name; empty for a good rule.
  static std::string fault(std::string_view text);

  bool empty() const { return state_ == nullptr; }
  /// Takes no lock, and does not allocate but for a pattern that has several ways to read the same
  /// octets, such as ".*A.*".
  bool allow(const Address& source) const;

 private:
  struct State;
  std::shared_ptr<const State> state_;  // null without rules
};

/// The longest prefix that fits decides. Made once, read by any thread; copies share what they
/// have.
class DestinationRules {
 public:
  DestinationRules() = default;
  /// Each is without fault. A prefix of both is denied; what no prefix fits is allowed if `allowed`
  /// is empty.
  DestinationRules(std::span<const std::string> allowed, std::span<const std::string> denied);

  /// What is wrong with a rule, in words that follow the option's name; empty for a good rule.
  static std::string fault(std::string_view text);

  bool empty() const { return state_ == nullptr; }
  /// A '+' in front is ignored. Does not allocate.
  bool allow(const Address& destination) const;

 private:
  struct State;
  std::shared_ptr<const State> state_;  // null without rules
};

}  // namespace ringgate
