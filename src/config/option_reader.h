// One TOML value and its row: a checked OptionValue, or what is wrong with it.
#pragma once

#include <string>
#include <string_view>

#include <toml++/toml.h>

#include "options/option_rows.h"

namespace ringgate {

/// Either a value, or a complaint and the place it is about.
struct OptionReading {
  OptionValue value;
  std::string complaint;  ///< whole message, naming the key; empty if the value is good
  toml::source_position place;
};

/// "a string", "a table": what a TOML value is, for messages.
std::string_view type_text(const toml::node& node);

/// Checks type, range and words of a value against its row.
OptionReading read_option(const OptionRow& row, const toml::node& node);

}  // namespace ringgate
