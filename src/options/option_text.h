// How option values, ranges and kinds read, in messages and in the documentation.
#pragma once

#include <string>
#include <string_view>

#include "options/option_rows.h"

namespace ringgate {

/// In double quotes, with unprintable octets replaced and long text cut: safe in a one-line
/// message.
std::string quoted(std::string_view text);

/// Decimal, in the shortest form that reads back as the same number.
std::string number_text(double number);

/// "integer", "array of strings".
std::string_view kind_word(OptionKind kind);

/// "an integer", "an array of strings", "true or false": what the file must hold for this row.
std::string kind_text(const OptionRow& row);

/// What the value must be, as in "limits.max_pdu must be ...": "1-65535 (0 = any free port)",
/// "\"reject\" or \"pace\"".
std::string range_text(const OptionRow& row);

/// The value as TOML, if its text has nothing to escape, as is true of every default.
std::string value_text(const OptionRow& row, const OptionValue& value);

/// The row's default as TOML, taken from options.h; empty where the key has none.
std::string default_text(const OptionRow& row);

}  // namespace ringgate
