// Where a reader sees one character end and the next begin: a small part of UAX #29.
#pragma once

#include <cstdint>

namespace ringgate {

/// Finds the boundaries of grapheme clusters, character by character. Kept together are:
///   - CR LF (GB3);
///   - a Hangul syllable of conjoining jamo (GB6 to GB8);
///   - a base and its combining marks, variation selectors, joiners, tags and emoji modifiers
///     (GB9 and GB9a: every mark of the Basic Multilingual Plane counts as extending);
///   - an Indic consonant conjunct: virama, then a consonant (GB9c, by place in the block);
///   - an emoji sequence with zero-width joiners (GB11, by block);
///   - two regional indicators, which make a flag (GB12 and GB13).
/// Prepended characters (GB9b) and the marks of historic scripts are left out. A wrong answer costs
/// a cluster cut between two parts, never a character.
class GraphemeBreaker {
 public:
  /// True if a cluster may begin with `character`, which follows those given before. True for the
  /// first.
  bool begins_cluster(char32_t character);

 private:
  enum class Kind : std::uint8_t {
    start,
    control,
    carriage_return,
    line_feed,
    extend,
    virama,
    joiner,
    regional_indicator,
    pictograph,
    indic_consonant,
    hangul_leading,
    hangul_vowel,
    hangul_trailing,
    hangul_syllable_open,    // precomposed, without a trailing consonant
    hangul_syllable_closed,  // precomposed, with one
    other,
  };
  static Kind kind_of(char32_t character);
  bool joins(Kind kind) const;

  Kind previous_ = Kind::start;
  bool pictograph_open_ = false;  // a pictograph and nothing but extending characters since
  bool conjunct_open_ = false;    // a virama and nothing but extending characters since
  bool indicator_odd_ = false;    // an odd number of regional indicators so far
};

}  // namespace ringgate
