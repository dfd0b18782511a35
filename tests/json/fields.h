// JSON of positional bodies, both ways, from the rows.
#pragma once

#include <deque>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "wire/field.h"

namespace ringgate::wire {

/// Text fields become strings (octets outside printable ASCII as \u00XX), counted octets become hex
/// strings.
nlohmann::ordered_json to_json(std::span<const Field> fields, const void* message);

/// Fills `message`; its views point into `storage`, which must outlive it. Returns a complaint,
/// empty on success.
std::string from_json(std::span<const Field> fields, const nlohmann::ordered_json& json,
                      void* message, std::deque<std::string>& storage);

/// Accepts upper and lower case and blanks; empty optional-like result (false) on anything else.
bool from_hex(std::string_view hex, std::string& octets);

}  // namespace ringgate::wire
