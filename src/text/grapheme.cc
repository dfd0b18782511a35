#include "text/grapheme.h"

#include <utf8proc.h>

namespace ringgate {
namespace {

// The nine Brahmic blocks from Devanagari to Malayalam share one layout of 128 places.
constexpr bool is_indic(char32_t character) { return character >= 0x0900 && character <= 0x0D7F; }
constexpr char32_t indic_place(char32_t character) { return character & 0x7F; }
constexpr bool is_virama(char32_t character) {
  return is_indic(character) && indic_place(character) == 0x4D;
}
constexpr bool is_indic_consonant(char32_t character) {
  return is_indic(character) && indic_place(character) >= 0x15 && indic_place(character) <= 0x39;
}

bool extends(std::int32_t character) {
  const unsigned kind = utf8proc_get_property(character)->boundclass;
  return kind == UTF8PROC_BOUNDCLASS_EXTEND || kind == UTF8PROC_BOUNDCLASS_ZWJ;
}

}  // namespace

bool GraphemeBreaker::begins_cluster(char32_t character) {
  const auto current = static_cast<std::int32_t>(character);
  bool begins =
      previous_ == nothing || utf8proc_grapheme_break_stateful(previous_, current, &state_);
  if (conjunct_open_ && is_indic_consonant(character)) begins = false;
  conjunct_open_ = !begins && (is_virama(character) || (conjunct_open_ && extends(current)));
  previous_ = current;
  return begins;
}

}  // namespace ringgate
