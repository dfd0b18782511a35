// Views over octets: a reading cursor, and the two directions between text and octets.
#pragma once

#include <ringgate/types.h>

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace ringgate {

/// A reading position in octets that somebody else owns. Readers check left() and then move `at`
/// forward.
struct Cursor {
  const std::uint8_t* at = nullptr;
  const std::uint8_t* end = nullptr;

  /// Octets not yet read.
  std::size_t left() const { return static_cast<std::size_t>(end - at); }
};

/// The same octets seen as text; borrows, and promises nothing about encoding or a terminator.
inline std::string_view as_text(Octets octets) {
  return {reinterpret_cast<const char*>(octets.data()), octets.size()};
}

/// The same text seen as octets; borrows.
inline Octets as_octets(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

}  // namespace ringgate
