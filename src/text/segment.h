// Splitting a text or octets into the parts of a concatenated message (3GPP TS 23.040 §9.2.3.24.1).
//
//                        one part   8-bit reference   16-bit reference
//   GSM 7-bit, septets      160           153               152
//   binary, octets          140           134               133
//   UTF-16, units            70            67                66
//
// All of it follows from 140 octets less the header; shift elements of three octets take their
// share as well, and are in every part.
#pragma once

#include <ringgate/types.h>

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "text/data_coding.h"
#include "text/gsm7.h"

namespace ringgate {

/// Octets of one short message on the air, header included, GSM 7-bit packed.
inline constexpr std::size_t segment_octets_max = 140;
/// More parts cannot be counted in the header.
inline constexpr std::size_t segment_count_max = 255;

struct SegmentOptions {
  std::uint16_t reference = 0;  ///< joins the parts; without wide_reference its low octet counts
  bool wide_reference = false;
  bool gsm7_allowed = true;
  bool utf16_allowed = true;
  /// National tables that may be used, where they show the text better than the default ones or
  /// at all. `none` allows none: not every telephone knows them.
  Gsm7Shift locking_shift = Gsm7Shift::none;
  Gsm7Shift single_shift = Gsm7Shift::none;
  bool packed = false;  ///< GSM 7-bit packed; otherwise one septet per octet
  std::uint8_t gsm7_data_coding = 0x00;
  std::uint8_t utf16_data_coding = 0x08;
  std::uint8_t binary_data_coding = 0x04;
};

enum class SegmentFault : std::uint8_t {
  none,
  not_utf8,        ///< the text is malformed
  not_encodable,   ///< a character is in no alphabet that the options allow
  too_many_parts,  ///< more than segment_count_max
};

/// Lower-case words for logs.
std::string_view segment_fault_text(SegmentFault fault);

struct Segment {
  std::vector<std::uint8_t> octets;  ///< for short_message: header, then text
  std::size_t header_size = 0;
};

/// What became of a text. With a fault there are no parts.
struct Segments {
  SegmentFault fault = SegmentFault::none;
  Alphabet alphabet = Alphabet::gsm7;
  std::uint8_t data_coding = 0;
  std::uint8_t esm_class = 0;                 ///< 0x40 where there is a header; otherwise 0
  Gsm7Shift locking_shift = Gsm7Shift::none;  ///< those that were used
  Gsm7Shift single_shift = Gsm7Shift::none;
  std::vector<Segment> parts;  ///< at least one, even for an empty text
};

/// Splits a text: GSM 7-bit if every character has a code there, otherwise UTF-16. An escape or a
/// surrogate pair is never cut. A grapheme cluster (see GraphemeBreaker) is cut only if it is
/// longer than a part, or if keeping all of them whole would take too many parts.
Segments split_text(std::string_view utf8, const SegmentOptions& options);

/// Splits octets that are not text, at any place.
Segments split_binary(Octets octets, const SegmentOptions& options);

}  // namespace ringgate
