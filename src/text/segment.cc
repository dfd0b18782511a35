#include "text/segment.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/assert.h"
#include "text/grapheme.h"
#include "text/udh.h"
#include "text/unicode.h"

namespace ringgate {
namespace {

constexpr std::uint8_t esm_class_udhi = 0x40;

// Where a character ends in Encoded::units, and whether a cluster begins with it.
struct Character {
  std::size_t end;
  bool begins_cluster;
};

// A text in one alphabet. Units are septets of GSM 7-bit, unpacked, or octets of anything else.
struct Encoded {
  Alphabet alphabet = Alphabet::gsm7;
  Gsm7Shift locking = Gsm7Shift::none;
  Gsm7Shift single = Gsm7Shift::none;
  std::vector<std::uint8_t> units;
  std::vector<Character> characters;
  std::size_t approximated = 0;
};

constexpr std::size_t concatenation_size(const SegmentOptions& options) {
  return options.wide_reference ? 6 : 5;
}

std::size_t shift_size(const Encoded& encoded) {
  return (encoded.locking != Gsm7Shift::none ? 3U : 0U) +
         (encoded.single != Gsm7Shift::none ? 3U : 0U);
}

// Units of text beside header elements of `elements` octets.
constexpr std::size_t capacity(Alphabet alphabet, std::size_t elements) {
  const std::size_t header = elements == 0 ? 0 : elements + 1;
  const std::size_t octets = segment_octets_max - header;
  switch (alphabet) {
    case Alphabet::gsm7:
      return octets * 8 / 7;
    case Alphabet::utf16:
      return octets / 2 * 2;
    default:
      return octets;
  }
}
static_assert(capacity(Alphabet::gsm7, 0) == 160 && capacity(Alphabet::gsm7, 5) == 153 &&
              capacity(Alphabet::gsm7, 6) == 152);
static_assert(capacity(Alphabet::binary, 0) == 140 && capacity(Alphabet::binary, 5) == 134 &&
              capacity(Alphabet::binary, 6) == 133);
static_assert(capacity(Alphabet::utf16, 0) == 2 * 70 && capacity(Alphabet::utf16, 5) == 2 * 67 &&
              capacity(Alphabet::utf16, 6) == 2 * 66);

std::optional<Encoded> encode_gsm7(std::string_view utf8, Gsm7Shift locking, Gsm7Shift single) {
  Encoded encoded;
  encoded.locking = locking;
  encoded.single = single;
  Utf8Reader reader(utf8);
  GraphemeBreaker breaker;
  while (const auto character = reader.next()) {
    const Gsm7Fit fit = append_gsm7(character->value, locking, single, encoded.units);
    if (fit == Gsm7Fit::none) return std::nullopt;
    if (fit == Gsm7Fit::approximate) ++encoded.approximated;
    encoded.characters.push_back({encoded.units.size(), breaker.begins_cluster(character->value)});
  }
  return encoded;
}

Encoded encode_utf16(std::string_view utf8) {
  Encoded encoded;
  encoded.alphabet = Alphabet::utf16;
  Utf8Reader reader(utf8);
  GraphemeBreaker breaker;
  while (const auto character = reader.next()) {
    append_utf16be(character->value, encoded.units);
    encoded.characters.push_back({encoded.units.size(), breaker.begins_cluster(character->value)});
  }
  return encoded;
}

// The ends of the parts. Greedy, which gives the fewest parts: a cluster that does not fit moves to
// the next part whole; if that cannot hold it either it goes on from there character by character.
std::vector<std::size_t> find_cuts(const Encoded& encoded, std::size_t part_size,
                                   bool keep_clusters) {
  std::vector<std::size_t> cuts;
  std::size_t part_begin = 0;
  std::size_t cluster_begin = 0;
  std::size_t character_begin = 0;
  for (const Character& character : encoded.characters) {
    if (character.begins_cluster || !keep_clusters) cluster_begin = character_begin;
    if (character.end - part_begin > part_size) {
      // At the cluster's begin, unless the part begins there too and there is nothing to move.
      part_begin = cluster_begin > part_begin ? cluster_begin : character_begin;
      cuts.push_back(part_begin);
      if (character.end - part_begin > part_size) {
        part_begin = character_begin;
        cuts.push_back(part_begin);
      }
    }
    character_begin = character.end;
  }
  cuts.push_back(encoded.units.size());
  return cuts;
}

// Octets have no characters; every place is as good.
std::vector<std::size_t> find_binary_cuts(std::size_t size, std::size_t part_size) {
  std::vector<std::size_t> cuts;
  for (std::size_t end = part_size; end < size; end += part_size) cuts.push_back(end);
  cuts.push_back(size);
  return cuts;
}

std::vector<std::size_t> plan(const Encoded& encoded, const SegmentOptions& options) {
  const std::size_t shifts = shift_size(encoded);
  if (encoded.units.size() <= capacity(encoded.alphabet, shifts)) return {encoded.units.size()};
  const std::size_t part_size = capacity(encoded.alphabet, shifts + concatenation_size(options));
  if (encoded.alphabet == Alphabet::binary)
    return find_binary_cuts(encoded.units.size(), part_size);
  std::vector<std::size_t> cuts = find_cuts(encoded, part_size, true);
  if (cuts.size() > segment_count_max) cuts = find_cuts(encoded, part_size, false);
  return cuts;
}

UdhWriter header_of(const Encoded& encoded, const SegmentOptions& options, std::size_t total,
                    std::size_t sequence) {
  UdhWriter header;
  if (total > 1) {
    const auto parts = static_cast<std::uint8_t>(total);
    const auto part = static_cast<std::uint8_t>(sequence);
    if (options.wide_reference) {
      header.add_concatenation_16(options.reference, parts, part);
    } else {
      header.add_concatenation_8(static_cast<std::uint8_t>(options.reference & 0xFF), parts, part);
    }
  }
  if (encoded.single != Gsm7Shift::none)
    header.add_single_shift(static_cast<std::uint8_t>(encoded.single));
  if (encoded.locking != Gsm7Shift::none)
    header.add_locking_shift(static_cast<std::uint8_t>(encoded.locking));
  return header;
}

Segment assemble(Octets header, Octets units, bool packed) {
  Segment segment;
  segment.header_size = header.size();
  segment.octets.assign(header.begin(), header.end());
  if (packed) {
    const std::vector<std::uint8_t> body = gsm7_pack(units, gsm7_fill_bits(header.size()));
    segment.octets.insert(segment.octets.end(), body.begin(), body.end());
    ASSERT(segment.octets.size() <= segment_octets_max);
  } else {
    segment.octets.insert(segment.octets.end(), units.begin(), units.end());
  }
  return segment;
}

Segments failed(SegmentFault fault) {
  Segments segments;
  segments.fault = fault;
  return segments;
}

std::uint8_t data_coding_of(Alphabet alphabet, const SegmentOptions& options) {
  switch (alphabet) {
    case Alphabet::gsm7:
      return options.gsm7_data_coding;
    case Alphabet::utf16:
      return options.utf16_data_coding;
    default:
      return options.binary_data_coding;
  }
}

Segments split(const Encoded& encoded, const SegmentOptions& options) {
  const std::vector<std::size_t> cuts = plan(encoded, options);
  if (cuts.size() > segment_count_max) return failed(SegmentFault::too_many_parts);
  const bool packed = encoded.alphabet == Alphabet::gsm7 && options.packed;
  Segments segments;
  segments.alphabet = packed ? Alphabet::gsm7_packed : encoded.alphabet;
  segments.data_coding = data_coding_of(encoded.alphabet, options);
  segments.locking_shift = encoded.locking;
  segments.single_shift = encoded.single;
  std::size_t begin = 0;
  for (const std::size_t end : cuts) {
    const UdhWriter header = header_of(encoded, options, cuts.size(), segments.parts.size() + 1);
    const Octets units = Octets(encoded.units).subspan(begin, end - begin);
    segments.parts.push_back(assemble(header.octets(), units, packed));
    begin = end;
  }
  ASSERT(begin == encoded.units.size());
  if (segments.parts.front().header_size > 0) segments.esm_class = esm_class_udhi;
  return segments;
}

// The default tables if they do; otherwise those allowed that show the text most exactly, and among
// them the one with the fewest parts.
std::optional<Encoded> choose_gsm7(std::string_view utf8, const SegmentOptions& options) {
  const std::pair<Gsm7Shift, Gsm7Shift> candidates[] = {
      {Gsm7Shift::none, Gsm7Shift::none},
      {Gsm7Shift::none, options.single_shift},
      {options.locking_shift, Gsm7Shift::none},
      {options.locking_shift, options.single_shift},
  };
  std::optional<Encoded> best;
  std::pair<std::size_t, std::size_t> best_cost;
  for (const auto& [locking, single] : candidates) {
    if (best && best->locking == locking && best->single == single) continue;
    std::optional<Encoded> encoded = encode_gsm7(utf8, locking, single);
    if (!encoded) continue;
    const std::pair cost{encoded->approximated, plan(*encoded, options).size()};
    if (best && cost >= best_cost) continue;
    best = std::move(encoded);
    best_cost = cost;
    if (best->approximated == 0 && locking == Gsm7Shift::none && single == Gsm7Shift::none) break;
  }
  return best;
}

}  // namespace

std::string_view segment_fault_text(SegmentFault fault) {
  switch (fault) {
    case SegmentFault::none:
      return "none";
    case SegmentFault::not_utf8:
      return "malformed utf-8";
    case SegmentFault::not_encodable:
      return "character in no allowed alphabet";
    case SegmentFault::too_many_parts:
      return "too many parts";
  }
  UNREACHABLE();
}

Segments split_text(std::string_view utf8, const SegmentOptions& options) {
  if (!is_utf8(utf8)) return failed(SegmentFault::not_utf8);
  if (options.gsm7_allowed) {
    if (const std::optional<Encoded> encoded = choose_gsm7(utf8, options))
      return split(*encoded, options);
  }
  if (!options.utf16_allowed) return failed(SegmentFault::not_encodable);
  return split(encode_utf16(utf8), options);
}

Segments split_binary(Octets octets, const SegmentOptions& options) {
  Encoded encoded;
  encoded.alphabet = Alphabet::binary;
  encoded.units.assign(octets.begin(), octets.end());
  return split(encoded, options);
}

}  // namespace ringgate
