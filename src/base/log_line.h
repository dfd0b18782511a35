// A line for the log:
//
//   bind refused system_id="a peer=1.2.3.4" peer=192.0.2.7:40012 shard=0 cause="wrong password"
//
// What happened, and then fields. A value of nothing but letters, digits and . _ : @ + / - [ ] %
// stands as it is, unless it is "-" alone, which is written where there is no value. Every other
// one stands in double quotes, with \" for a quote, \\ for a backslash, and \xNN for each octet
// outside 0x20 to 0x7E. So whatever a peer calls itself, it can forge neither a field nor a line,
// nor drive a terminal.
#pragma once

#include <charconv>
#include <concepts>
#include <string>
#include <string_view>

#include "base/hex.h"

namespace ringgate {

/// Builds one line; view() borrows from it. Names and `what` are ours and are written as they are.
class LogLine {
 public:
  /// A longer value is cut there, and `...` follows its quotes.
  static constexpr std::size_t value_max = 256;
  /// A field that would make the line longer is left out, and so are all behind it; ` ...` says so.
  static constexpr std::size_t line_max = 2048;

  explicit LogLine(std::string_view what) : line_(what.substr(0, line_max)) {}

  LogLine& field(std::string_view name, std::string_view value) {
    std::string shown;
    append_value(value, shown);
    return add(name, shown);
  }
  LogLine& field(std::string_view name, std::integral auto value) {
    char digits[24];
    const char* const end = std::to_chars(digits, digits + sizeof digits, value).ptr;
    return add(name, {digits, static_cast<std::size_t>(end - digits)});
  }
  /// The field has no value.
  LogLine& nothing(std::string_view name) { return add(name, "-"); }

  std::string_view view() const { return line_; }

 private:
  static constexpr std::string_view cut_mark = "...";

  static bool is_plain(char c) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    const bool digit = c >= '0' && c <= '9';
    return letter || digit || std::string_view("._:@+/-[]%").find(c) != std::string_view::npos;
  }
  static bool is_plain(std::string_view value) {
    if (value.empty() || value == "-" || value.size() > value_max) return false;
    for (const char c : value)
      if (!is_plain(c)) return false;
    return true;
  }

  static void append_value(std::string_view value, std::string& to) {
    if (is_plain(value)) {
      to.append(value);
      return;
    }
    to.push_back('"');
    for (const char c : value.substr(0, value_max)) {
      if (c == '"' || c == '\\') {
        to.push_back('\\');
        to.push_back(c);
      } else if (c >= 0x20 && c <= 0x7E) {
        to.push_back(c);
      } else {
        to.append("\\x");
        append_hex(static_cast<std::uint8_t>(c), to);
      }
    }
    to.push_back('"');
    if (value.size() > value_max) to.append(cut_mark);
  }

  LogLine& add(std::string_view name, std::string_view shown) {
    if (full_) return *this;
    if (line_.size() + name.size() + shown.size() + 2 > line_max) {
      full_ = true;
      line_.append(" ").append(cut_mark);
      return *this;
    }
    line_.append(" ").append(name).append("=").append(shown);
    return *this;
  }

  std::string line_;
  bool full_ = false;
};

}  // namespace ringgate
