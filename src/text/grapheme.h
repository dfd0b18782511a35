// Where a reader sees one character end and the next begin: UAX #29.
#pragma once

#include <cstdint>

namespace ringgate {

/// Finds the boundaries of grapheme clusters, character by character, by the rules and tables of
/// utf8proc. Those of 2.8 do not know that an Indic consonant conjunct (virama, then a consonant)
/// stays together (GB9c); this does, by the places that the nine Brahmic blocks have in common. A
/// wrong answer costs a cluster cut between two parts, never a character.
class GraphemeBreaker {
 public:
  /// True if a cluster may begin with `character`, which follows those given before. True for the
  /// first.
  bool begins_cluster(char32_t character);

 private:
  static constexpr std::int32_t nothing = -1;

  std::int32_t previous_ = nothing;
  std::int32_t state_ = 0;      // utf8proc's
  bool conjunct_open_ = false;  // a virama and nothing but extending characters since
};

}  // namespace ringgate
