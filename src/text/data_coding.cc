#include "text/data_coding.h"

#include <array>
#include <iterator>
#include <utility>

#include "base/assert.h"
#include "base/bytes.h"
#include "text/latin1.h"

namespace ringgate {
namespace {

enum class Class : std::uint8_t { absent, low_bits };  // does data_coding & 3 name one?
enum class Group : std::uint8_t { plain, compressed, waiting };

// Values first..last mean the same but for the class in their low bits.
struct Row {
  std::uint8_t first, last;
  Alphabet alphabet;
  Class message_class = Class::absent;
  Group group = Group::plain;
};

constexpr Row rows[] = {
    // SMPP 5.0 table 4-12. 0x00 is whatever the message centre's default is: see DecodeOptions.
    {0x00, 0x00, Alphabet::gsm7},
    {0x01, 0x01, Alphabet::ascii},
    {0x02, 0x02, Alphabet::binary},
    {0x03, 0x03, Alphabet::latin1},
    {0x04, 0x04, Alphabet::binary},
    {0x05, 0x07, Alphabet::other},  // JIS, ISO 8859-5, ISO 8859-8
    {0x08, 0x08, Alphabet::utf16},
    {0x09, 0x0F, Alphabet::other},  // pictograms, ISO-2022-JP, Kanji, KS C 5601, and reserved ones
    // From here 3GPP TS 23.038 §4. General group with a class; alphabet 3 is reserved, and §4 has
    // the receiver take every reserved coding for the default alphabet.
    {0x10, 0x13, Alphabet::gsm7, Class::low_bits},
    {0x14, 0x17, Alphabet::binary, Class::low_bits},
    {0x18, 0x1B, Alphabet::utf16, Class::low_bits},
    {0x1C, 0x1F, Alphabet::gsm7, Class::low_bits},
    {0x20, 0x2F, Alphabet::other, Class::absent, Group::compressed},
    {0x30, 0x3F, Alphabet::other, Class::low_bits, Group::compressed},
    // The same, marked for deletion once read.
    {0x40, 0x43, Alphabet::gsm7},
    {0x44, 0x47, Alphabet::binary},
    {0x48, 0x4B, Alphabet::utf16},
    {0x4C, 0x4F, Alphabet::gsm7},
    {0x50, 0x53, Alphabet::gsm7, Class::low_bits},
    {0x54, 0x57, Alphabet::binary, Class::low_bits},
    {0x58, 0x5B, Alphabet::utf16, Class::low_bits},
    {0x5C, 0x5F, Alphabet::gsm7, Class::low_bits},
    {0x60, 0x6F, Alphabet::other, Class::absent, Group::compressed},
    {0x70, 0x7F, Alphabet::other, Class::low_bits, Group::compressed},
    {0x80, 0xBF, Alphabet::gsm7},  // reserved
    // Message waiting: discard, store, store in UTF-16.
    {0xC0, 0xDF, Alphabet::gsm7, Class::absent, Group::waiting},
    {0xE0, 0xEF, Alphabet::utf16, Class::absent, Group::waiting},
    // Data coding and message class; bit 3 is reserved and does not count.
    {0xF0, 0xF3, Alphabet::gsm7, Class::low_bits},
    {0xF4, 0xF7, Alphabet::binary, Class::low_bits},
    {0xF8, 0xFB, Alphabet::gsm7, Class::low_bits},
    {0xFC, 0xFF, Alphabet::binary, Class::low_bits},
};

consteval bool rows_cover_every_value() {
  unsigned expected = 0;
  for (const Row& row : rows) {
    if (row.first != expected || row.last < row.first) return false;
    expected = row.last + 1U;
  }
  return expected == 256;
}
static_assert(rows_cover_every_value(), "the rows follow each other without gaps from 0 to 255");
static_assert(std::size(rows) < 256);

consteval std::array<std::uint8_t, 256> index_rows() {
  std::array<std::uint8_t, 256> index{};
  for (std::size_t row = 0; row < std::size(rows); ++row) {
    for (unsigned value = rows[row].first; value <= rows[row].last; ++value) {
      index[value] = static_cast<std::uint8_t>(row);
    }
  }
  return index;
}
constexpr std::array<std::uint8_t, 256> row_of = index_rows();

Gsm7Shift shift_or(std::uint8_t identifier, Gsm7Shift otherwise) {
  return identifier == 0 ? otherwise : gsm7_shift(identifier);
}

}  // namespace

DecodeOptions decode_options(DefaultAlphabet alphabet, bool udhi) {
  DecodeOptions options;
  options.udhi = udhi;
  switch (alphabet) {
    case DefaultAlphabet::gsm7:
      break;
    case DefaultAlphabet::gsm7_packed:
      options.packed = true;
      break;
    case DefaultAlphabet::latin1:
      options.default_alphabet = Alphabet::latin1;
      break;
    case DefaultAlphabet::ascii:
      options.default_alphabet = Alphabet::ascii;
      break;
    case DefaultAlphabet::utf8:
      options.default_alphabet = Alphabet::utf8;
      break;
  }
  return options;
}

std::string_view alphabet_name(Alphabet alphabet) {
  switch (alphabet) {
    case Alphabet::gsm7:
      return "gsm7";
    case Alphabet::gsm7_packed:
      return "gsm7_packed";
    case Alphabet::ascii:
      return "ascii";
    case Alphabet::latin1:
      return "latin1";
    case Alphabet::utf8:
      return "utf8";
    case Alphabet::binary:
      return "binary";
    case Alphabet::utf16:
      return "utf16";
    case Alphabet::other:
      return "other";
  }
  UNREACHABLE();
}

DataCoding parse_data_coding(std::uint8_t data_coding, const DecodeOptions& options) {
  const Row& row = rows[row_of[data_coding]];
  DataCoding meaning;
  meaning.alphabet = data_coding == 0 ? options.default_alphabet : row.alphabet;
  if (meaning.alphabet == Alphabet::gsm7 && options.packed)
    meaning.alphabet = Alphabet::gsm7_packed;
  if (row.message_class == Class::low_bits) meaning.message_class = data_coding & 0x03;
  meaning.compressed = row.group == Group::compressed;
  meaning.waiting_indication = row.group == Group::waiting;
  return meaning;
}

TextDecoder::TextDecoder(std::uint8_t data_coding, const DecodeOptions& options)
    : options_(options), utf16_(options.utf16_order) {
  result_.alphabet = parse_data_coding(data_coding, options).alphabet;
  result_.is_text = result_.alphabet != Alphabet::binary && result_.alphabet != Alphabet::other;
}

void TextDecoder::add(Octets user_data) {
  if (!options_.udhi) {
    add_body(user_data, 0, options_.locking_shift, options_.single_shift);
    return;
  }
  const UdhInfo header = parse_udh(user_data);
  if (result_.header_fault == UdhFault::none) result_.header_fault = header.fault;
  if (!header.sound) return;
  add_body(user_data.subspan(header.header_size), header.header_size,
           shift_or(header.locking_shift, options_.locking_shift),
           shift_or(header.single_shift, options_.single_shift));
}

void TextDecoder::add_body(Octets body, std::size_t header_size, Gsm7Shift locking,
                           Gsm7Shift single) {
  switch (result_.alphabet) {
    case Alphabet::gsm7:
      gsm7_.add(body, locking, single, result_.text);
      return;
    case Alphabet::gsm7_packed:
      add_gsm7_packed(body, header_size, locking, single);
      return;
    case Alphabet::ascii:
      add_ascii(body);
      return;
    case Alphabet::latin1:
      append_latin1(body, result_.text);
      return;
    case Alphabet::utf8:
      // Checked at the end: a part may end inside a character.
      result_.text += as_text(body);
      return;
    case Alphabet::utf16:
      utf16_.add(body, result_.text);
      return;
    case Alphabet::binary:
    case Alphabet::other:
      return;
  }
  UNREACHABLE();
}

void TextDecoder::add_gsm7_packed(Octets body, std::size_t header_size, Gsm7Shift locking,
                                  Gsm7Shift single) {
  const unsigned fill_bits = gsm7_fill_bits(header_size);
  const std::size_t count = gsm7_septet_count(body, fill_bits);
  gsm7_.add(gsm7_unpack(body, count, fill_bits), locking, single, result_.text);
}

void TextDecoder::add_ascii(Octets body) {
  while (!(body = append_ascii(body, result_.text)).empty()) {
    ++result_.replaced;
    append_utf8(replacement_character, result_.text);
    body = body.subspan(1);
  }
}

void TextDecoder::finish_utf8() {
  std::size_t replaced = 0;
  result_.text = to_valid_utf8(result_.text, &replaced);
  result_.replaced += replaced;
}

DecodedText TextDecoder::finish() {
  gsm7_.finish(result_.text);
  utf16_.finish(result_.text);
  if (result_.alphabet == Alphabet::utf8) finish_utf8();
  result_.replaced += gsm7_.replaced() + utf16_.replaced();
  return std::move(result_);
}

DecodedText decode_text(Octets user_data, std::uint8_t data_coding, const DecodeOptions& options) {
  TextDecoder decoder(data_coding, options);
  decoder.add(user_data);
  return decoder.finish();
}

}  // namespace ringgate
