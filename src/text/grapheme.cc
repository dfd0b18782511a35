#include "text/grapheme.h"

#include <algorithm>
#include <cstddef>
#include <iterator>

namespace ringgate {
namespace {

struct Range {
  char32_t first, last;
};

// General categories Mn, Mc and Me of the Basic Multilingual Plane (Unicode 14), ranges that only
// unassigned code points separate joined; Thai and Lao AM; the zero-width non-joiner; then emoji
// modifiers, tags and the supplement of variation selectors.
constexpr Range extending[] = {
    {0x0300, 0x036F},   {0x0483, 0x0489},   {0x0591, 0x05BD}, {0x05BF, 0x05BF}, {0x05C1, 0x05C2},
    {0x05C4, 0x05C5},   {0x05C7, 0x05C7},   {0x0610, 0x061A}, {0x064B, 0x065F}, {0x0670, 0x0670},
    {0x06D6, 0x06DC},   {0x06DF, 0x06E4},   {0x06E7, 0x06E8}, {0x06EA, 0x06ED}, {0x0711, 0x0711},
    {0x0730, 0x074A},   {0x07A6, 0x07B0},   {0x07EB, 0x07F3}, {0x07FD, 0x07FD}, {0x0816, 0x0819},
    {0x081B, 0x0823},   {0x0825, 0x0827},   {0x0829, 0x082D}, {0x0859, 0x085B}, {0x0898, 0x089F},
    {0x08CA, 0x08E1},   {0x08E3, 0x0903},   {0x093A, 0x093C}, {0x093E, 0x094F}, {0x0951, 0x0957},
    {0x0962, 0x0963},   {0x0981, 0x0983},   {0x09BC, 0x09BC}, {0x09BE, 0x09CD}, {0x09D7, 0x09D7},
    {0x09E2, 0x09E3},   {0x09FE, 0x0A03},   {0x0A3C, 0x0A51}, {0x0A70, 0x0A71}, {0x0A75, 0x0A75},
    {0x0A81, 0x0A83},   {0x0ABC, 0x0ABC},   {0x0ABE, 0x0ACD}, {0x0AE2, 0x0AE3}, {0x0AFA, 0x0B03},
    {0x0B3C, 0x0B3C},   {0x0B3E, 0x0B57},   {0x0B62, 0x0B63}, {0x0B82, 0x0B82}, {0x0BBE, 0x0BCD},
    {0x0BD7, 0x0BD7},   {0x0C00, 0x0C04},   {0x0C3C, 0x0C3C}, {0x0C3E, 0x0C56}, {0x0C62, 0x0C63},
    {0x0C81, 0x0C83},   {0x0CBC, 0x0CBC},   {0x0CBE, 0x0CD6}, {0x0CE2, 0x0CE3}, {0x0D00, 0x0D03},
    {0x0D3B, 0x0D3C},   {0x0D3E, 0x0D4D},   {0x0D57, 0x0D57}, {0x0D62, 0x0D63}, {0x0D81, 0x0D83},
    {0x0DCA, 0x0DDF},   {0x0DF2, 0x0DF3},   {0x0E31, 0x0E31}, {0x0E33, 0x0E3A}, {0x0E47, 0x0E4E},
    {0x0EB1, 0x0EB1},   {0x0EB3, 0x0EBC},   {0x0EC8, 0x0ECD}, {0x0F18, 0x0F19}, {0x0F35, 0x0F35},
    {0x0F37, 0x0F37},   {0x0F39, 0x0F39},   {0x0F3E, 0x0F3F}, {0x0F71, 0x0F84}, {0x0F86, 0x0F87},
    {0x0F8D, 0x0FBC},   {0x0FC6, 0x0FC6},   {0x102B, 0x103E}, {0x1056, 0x1059}, {0x105E, 0x1060},
    {0x1062, 0x1064},   {0x1067, 0x106D},   {0x1071, 0x1074}, {0x1082, 0x108D}, {0x108F, 0x108F},
    {0x109A, 0x109D},   {0x135D, 0x135F},   {0x1712, 0x1715}, {0x1732, 0x1734}, {0x1752, 0x1753},
    {0x1772, 0x1773},   {0x17B4, 0x17D3},   {0x17DD, 0x17DD}, {0x180B, 0x180D}, {0x180F, 0x180F},
    {0x1885, 0x1886},   {0x18A9, 0x18A9},   {0x1920, 0x193B}, {0x1A17, 0x1A1B}, {0x1A55, 0x1A7F},
    {0x1AB0, 0x1B04},   {0x1B34, 0x1B44},   {0x1B6B, 0x1B73}, {0x1B80, 0x1B82}, {0x1BA1, 0x1BAD},
    {0x1BE6, 0x1BF3},   {0x1C24, 0x1C37},   {0x1CD0, 0x1CD2}, {0x1CD4, 0x1CE8}, {0x1CED, 0x1CED},
    {0x1CF4, 0x1CF4},   {0x1CF7, 0x1CF9},   {0x1DC0, 0x1DFF}, {0x200C, 0x200C}, {0x20D0, 0x20F0},
    {0x2CEF, 0x2CF1},   {0x2D7F, 0x2D7F},   {0x2DE0, 0x2DFF}, {0x302A, 0x302F}, {0x3099, 0x309A},
    {0xA66F, 0xA672},   {0xA674, 0xA67D},   {0xA69E, 0xA69F}, {0xA6F0, 0xA6F1}, {0xA802, 0xA802},
    {0xA806, 0xA806},   {0xA80B, 0xA80B},   {0xA823, 0xA827}, {0xA82C, 0xA82C}, {0xA880, 0xA881},
    {0xA8B4, 0xA8C5},   {0xA8E0, 0xA8F1},   {0xA8FF, 0xA8FF}, {0xA926, 0xA92D}, {0xA947, 0xA953},
    {0xA980, 0xA983},   {0xA9B3, 0xA9C0},   {0xA9E5, 0xA9E5}, {0xAA29, 0xAA36}, {0xAA43, 0xAA43},
    {0xAA4C, 0xAA4D},   {0xAA7B, 0xAA7D},   {0xAAB0, 0xAAB0}, {0xAAB2, 0xAAB4}, {0xAAB7, 0xAAB8},
    {0xAABE, 0xAABF},   {0xAAC1, 0xAAC1},   {0xAAEB, 0xAAEF}, {0xAAF5, 0xAAF6}, {0xABE3, 0xABEA},
    {0xABEC, 0xABED},   {0xFB1E, 0xFB1E},   {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F}, {0x1F3FB, 0x1F3FF},
    {0xE0020, 0xE007F}, {0xE0100, 0xE01EF},
};

// Extended_Pictographic by block rather than by character: letters and signs in these blocks that
// are not pictographs are never followed by a joiner and a pictograph in real text.
constexpr Range pictographs[] = {
    {0x00A9, 0x00A9},   {0x00AE, 0x00AE},   {0x203C, 0x203C},   {0x2049, 0x2049}, {0x2122, 0x2122},
    {0x2139, 0x2139},   {0x2190, 0x21FF},   {0x2300, 0x23FF},   {0x24C2, 0x24C2}, {0x25A0, 0x27BF},
    {0x2900, 0x297F},   {0x2B00, 0x2BFF},   {0x3030, 0x3030},   {0x303D, 0x303D}, {0x3297, 0x3299},
    {0x1F000, 0x1F1E5}, {0x1F200, 0x1F3FA}, {0x1F400, 0x1FAFF},
};

consteval bool in_order(const Range* begin, const Range* end) {
  for (const Range* range = begin; range != end; ++range) {
    if (range->last < range->first) return false;
    if (range + 1 != end && (range + 1)->first <= range->last) return false;
  }
  return true;
}
static_assert(in_order(std::begin(extending), std::end(extending)), "found by bisection");
static_assert(in_order(std::begin(pictographs), std::end(pictographs)), "found by bisection");

template <std::size_t size>
bool contains(const Range (&ranges)[size], char32_t character) {
  const Range* after =
      std::upper_bound(std::begin(ranges), std::end(ranges), character,
                       [](char32_t wanted, const Range& range) { return wanted < range.first; });
  return after != std::begin(ranges) && character <= std::prev(after)->last;
}

// The nine Brahmic blocks from Devanagari to Malayalam share one layout of 128 places.
constexpr bool is_indic(char32_t character) { return character >= 0x0900 && character <= 0x0D7F; }
constexpr char32_t indic_place(char32_t character) { return character & 0x7F; }
constexpr bool is_virama(char32_t character) {
  return is_indic(character) && indic_place(character) == 0x4D;
}
constexpr bool is_indic_consonant(char32_t character) {
  return is_indic(character) && indic_place(character) >= 0x15 && indic_place(character) <= 0x39;
}

constexpr bool is_control(char32_t character) {
  return character < 0x20 || (character >= 0x7F && character < 0xA0) || character == 0x2028 ||
         character == 0x2029 || character == 0xFEFF;
}

}  // namespace

GraphemeBreaker::Kind GraphemeBreaker::kind_of(char32_t character) {
  if (character == '\r') return Kind::carriage_return;
  if (character == '\n') return Kind::line_feed;
  if (is_control(character)) return Kind::control;
  if (character < 0xA9) return Kind::other;
  if (character == 0x200D) return Kind::joiner;
  if (is_virama(character)) return Kind::virama;
  if (contains(extending, character)) return Kind::extend;
  if (is_indic_consonant(character)) return Kind::indic_consonant;
  if (character >= 0x1100 && character <= 0x115F) return Kind::hangul_leading;
  if (character >= 0x1160 && character <= 0x11A7) return Kind::hangul_vowel;
  if (character >= 0x11A8 && character <= 0x11FF) return Kind::hangul_trailing;
  if (character >= 0xAC00 && character <= 0xD7A3)
    return (character - 0xAC00) % 28 == 0 ? Kind::hangul_syllable_open
                                          : Kind::hangul_syllable_closed;
  if (character >= 0x1F1E6 && character <= 0x1F1FF) return Kind::regional_indicator;
  if (contains(pictographs, character)) return Kind::pictograph;
  return Kind::other;
}

bool GraphemeBreaker::joins(Kind kind) const {
  const bool after_control = previous_ == Kind::start || previous_ == Kind::control ||
                             previous_ == Kind::carriage_return || previous_ == Kind::line_feed;
  switch (kind) {
    case Kind::line_feed:
      return previous_ == Kind::carriage_return;
    case Kind::extend:
    case Kind::virama:
    case Kind::joiner:
      return !after_control;
    case Kind::regional_indicator:
      return previous_ == Kind::regional_indicator && indicator_odd_;
    case Kind::pictograph:
      return previous_ == Kind::joiner && pictograph_open_;
    case Kind::indic_consonant:
      return conjunct_open_;
    case Kind::hangul_leading:
    case Kind::hangul_syllable_open:
    case Kind::hangul_syllable_closed:
      return previous_ == Kind::hangul_leading;
    case Kind::hangul_vowel:
      return previous_ == Kind::hangul_leading || previous_ == Kind::hangul_vowel ||
             previous_ == Kind::hangul_syllable_open;
    case Kind::hangul_trailing:
      return previous_ == Kind::hangul_vowel || previous_ == Kind::hangul_trailing ||
             previous_ == Kind::hangul_syllable_open || previous_ == Kind::hangul_syllable_closed;
    case Kind::start:
    case Kind::control:
    case Kind::carriage_return:
    case Kind::other:
      return false;
  }
  return false;
}

bool GraphemeBreaker::begins_cluster(char32_t character) {
  const Kind kind = kind_of(character);
  const bool joined = joins(kind);
  const bool extends = kind == Kind::extend || kind == Kind::virama || kind == Kind::joiner;
  pictograph_open_ = kind == Kind::pictograph || (extends && joined && pictograph_open_);
  conjunct_open_ = (kind == Kind::virama && joined) || (extends && joined && conjunct_open_);
  indicator_odd_ = kind == Kind::regional_indicator && !joined;
  previous_ = kind;
  return !joined;
}

}  // namespace ringgate
