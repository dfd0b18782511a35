// The GSM 7-bit alphabet (3GPP TS 23.038 §6.2.1) with its extension table and the national
// language tables, and the packing of septets into octets (§6.1.2.1).
//
//   octet       0          1          2                     One septet per octet is "unpacked",
//   bits     7......0   7......0   7......0                 the usual form in short_message.
//           |b|aaaaaaa|cc|bbbbbb|ddd|ccccc|  ...            Packed, septets follow each other
//                                                           from the low bit upwards.
// A code is a septet, or ESC (0x1B) and a septet. The pair must not be cut between two parts when
// splitting, but senders do it, so the decoder carries an ESC over.
#pragma once

#include <ringgate/types.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ringgate {

/// National language identifiers (3GPP TS 23.038 §6.2.1.2.4). As a locking shift it replaces the
/// default alphabet, as a single shift the extension table. A language without such a table
/// (Spanish has no locking table) means the default table.
enum class Gsm7Shift : std::uint8_t {
  none = 0,
  turkish = 1,
  spanish = 2,
  portuguese = 3,
  bengali = 4,
  gujarati = 5,
  hindi = 6,
  kannada = 7,
  malayalam = 8,
  oriya = 9,
  punjabi = 10,
  tamil = 11,
  telugu = 12,
  urdu = 13,
};

/// The language of an identifier on the wire. Reserved ones are `none`, as §6.2.1.2.4 requires.
Gsm7Shift gsm7_shift(std::uint8_t identifier);

inline constexpr std::uint8_t gsm7_escape = 0x1B;

/// Turns unpacked septets to UTF-8, part by part: add() the parts in order, then finish(). Each
/// part may have its own tables, because each carries its own header.
class Gsm7Decoder {
 public:
  /// Appends the part's text to `text`. A code without a character becomes U+FFFD and counts, and
  /// so does an octet above 0x7F: masking it would show a wrong character for a right one in
  /// Latin-1. An unknown extension code shows the character without ESC, ESC ESC a space
  /// (§6.2.1.1).
  void add(Octets septets, Gsm7Shift locking, Gsm7Shift single, std::string& text);

  /// Ends the text: an ESC that nothing followed shows as a space.
  void finish(std::string& text);

  /// How often U+FFFD was put for something unreadable.
  std::size_t replaced() const { return replaced_; }

 private:
  void add_one(std::uint8_t septet, Gsm7Shift locking, Gsm7Shift single, std::string& text);

  std::size_t replaced_ = 0;
  bool escaped_ = false;
};

/// One whole text; see Gsm7Decoder. `replaced`, when given, receives the count.
std::string gsm7_to_utf8(Octets septets, Gsm7Shift locking = Gsm7Shift::none,
                         Gsm7Shift single = Gsm7Shift::none, std::size_t* replaced = nullptr);

/// How a character went into septets.
enum class Gsm7Fit : std::uint8_t {
  exact,
  approximate,  ///< U+00E7 as code 0x09, whose case the published tables disagree about
  none,         ///< No code; nothing was appended.
};

/// The one or two septets of a character; none without a fit.
struct Gsm7Code {
  Gsm7Fit fit = Gsm7Fit::none;
  std::uint8_t size = 0;
  std::uint8_t septets[2] = {};
};
Gsm7Code gsm7_code(char32_t character, Gsm7Shift locking, Gsm7Shift single);

/// Appends the one or two septets of `character` to `out`.
Gsm7Fit append_gsm7(char32_t character, Gsm7Shift locking, Gsm7Shift single,
                    std::vector<std::uint8_t>& out);

/// Appends the septets of a whole text. False, with `out` as it was, when `utf8` is malformed or
/// has a character without a code.
[[nodiscard]] bool utf8_to_gsm7(std::string_view utf8, std::vector<std::uint8_t>& out,
                                Gsm7Shift locking = Gsm7Shift::none,
                                Gsm7Shift single = Gsm7Shift::none);

/// Zero bits between a header of `header_size` octets and the first packed septet, which begins on
/// a septet boundary counted from the start of the header (3GPP TS 23.040 §9.2.3.24).
constexpr unsigned gsm7_fill_bits(std::size_t header_size) {
  return static_cast<unsigned>((7 - header_size * 8 % 7) % 7);
}

/// How many septets packed octets hold when nobody says. The count is ambiguous when the last
/// seven bits could be a character or padding; an @ or CR there is taken as padding, because
/// senders pad with either (§6.1.2.3.1) and few texts end so.
std::size_t gsm7_septet_count(Octets packed, unsigned fill_bits);

/// Septets from packed octets, one per octet: `septet_count` of them, or as many as there are.
/// fill_bits is below 8.
std::vector<std::uint8_t> gsm7_unpack(Octets packed, std::size_t septet_count, unsigned fill_bits);

/// Packs septets (bit 7 of each is ignored) behind `fill_bits` zero bits; spare bits are zero.
std::vector<std::uint8_t> gsm7_pack(Octets septets, unsigned fill_bits);

}  // namespace ringgate
