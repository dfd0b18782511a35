// ISO 8859-1 (data_coding 0x03): every octet is the code point of the same value.
#pragma once

#include <ringgate/types.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "text/unicode.h"

namespace ringgate {

inline void append_latin1(Octets octets, std::string& text) {
  while (!(octets = append_ascii(octets, text)).empty()) {
    append_utf8(octets.front(), text);
    octets = octets.subspan(1);
  }
}

inline std::string latin1_to_utf8(Octets octets) {
  std::string text;
  text.reserve(octets.size());
  append_latin1(octets, text);
  return text;
}

/// Appends a whole text. False, with `out` as it was, when `utf8` is malformed or has a character
/// above U+00FF.
[[nodiscard]] inline bool utf8_to_latin1(std::string_view utf8, std::vector<std::uint8_t>& out) {
  const std::size_t size_before = out.size();
  Utf8Reader reader(utf8);
  while (const auto character = reader.next()) {
    if (character->value > 0xFF) {  // U+FFFD for what is malformed is above as well
      out.resize(size_before);
      return false;
    }
    out.push_back(static_cast<std::uint8_t>(character->value));
  }
  return true;
}

}  // namespace ringgate
