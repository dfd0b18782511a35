// What a receipt repeats of a message's text where its account's template asks for more than a
// record holds: the characters in the receipt's alphabet, beside the record.
//
// Octets are bounded by what a receipt holds at all (3.4 §5.2.21), characters by the language of
// templates.
#pragma once

#include <cstddef>
#include <cstdint>

namespace ringgate {

/// The text of one message. Zeroed it is empty.
struct LongQuote {
  static constexpr std::size_t size_max = 254;

  std::uint8_t size;
  char octets[size_max + 1];
};
static_assert(sizeof(LongQuote) == 256);

/// Characters of a text that a template may ask for.
inline constexpr unsigned quoted_characters_max = 160;

/// So many octets of a text hold that many characters at least, in whatever coding it came: UTF-8
/// and a pair of UTF-16 take four for one.
constexpr std::size_t octets_of_characters(unsigned characters) {
  return std::size_t{4} * characters;
}

}  // namespace ringgate
