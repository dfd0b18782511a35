// Keyed rows: parameters that name themselves (SMPP TLVs; later CIMD2).
//
//   tag i2 | length i2 (value only) | value
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "base/bytes.h"
#include "base/units.h"
#include "wire/field.h"

namespace ringgate::wire {

enum class KeyedKind : std::uint8_t { integer, octets, c_string };

struct KeyedField {
  std::uint16_t tag;
  std::string_view name;
  KeyedKind kind;
  std::uint16_t min;  ///< octets of the value
  std::uint16_t max;
  std::uint8_t since;  ///< interface_version that introduced it
  bool repeats = false;
};

struct KeyedValue {
  std::uint16_t tag = 0;
  Octets value;
};

inline constexpr std::size_t keyed_header_size = 4;

/// Takes the next parameter off the cursor; empty when what is left cannot be one.
inline std::optional<KeyedValue> next_keyed(Cursor& cursor) {
  if (cursor.left() < keyed_header_size) return std::nullopt;
  const std::uint16_t tag = load_be16(cursor.at);
  const std::size_t size = load_be16(cursor.at + 2);
  if (cursor.left() < keyed_header_size + size) return std::nullopt;
  const KeyedValue out{tag, Octets(cursor.at + keyed_header_size, size)};
  cursor.at += keyed_header_size + size;
  return out;
}

/// First parameter of that tag in a stream that has been checked. Where a peer repeats a parameter
/// that may not repeat, the first one counts.
inline std::optional<Octets> find_keyed(Octets stream, std::uint16_t tag) {
  Cursor cursor{stream.data(), stream.data() + stream.size()};
  while (auto item = next_keyed(cursor)) {
    if (item->tag == tag) return item->value;
  }
  return std::nullopt;
}

/// Appends one parameter; needs 4 + value.size() octets at `to`, returns their end.
inline std::uint8_t* write_keyed(std::uint16_t tag, Octets value, std::uint8_t* to) {
  store_be16(to, tag);
  store_be16(to + 2, static_cast<std::uint16_t>(value.size()));
  if (!value.empty()) std::memcpy(to + keyed_header_size, value.data(), value.size());
  return to + keyed_header_size + value.size();
}

}  // namespace ringgate::wire
