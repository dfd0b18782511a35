// One value and its row.
#pragma once

#include <string>
#include <string_view>

#include "options/option_rows.h"

namespace ringgate {

/// Empty if a value is good, else what follows the name of its key, such as " must be 1-8
/// characters, not 9". One line, never a password.
using Complaint = std::string;

/// What is wrong with a value that has its row's type.
Complaint value_fault(const OptionRow& row, const OptionValue& value);

/// " must be 1-8 characters, not 9", where `value` is "9".
Complaint out_of_range(const OptionRow& row, const std::string& value);

/// What is wrong with an error's number, and with its text, in an err_map.
Complaint err_map_number_fault(const OptionRow& row, std::int64_t error);
Complaint err_map_text_fault(const std::string& text);

}  // namespace ringgate
