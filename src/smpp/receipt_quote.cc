#include "smpp/receipt_quote.h"

#include <string>

#include "base/bytes.h"
#include "text/data_coding.h"
#include "text/gsm7.h"
#include "text/unicode.h"

namespace ringgate::smpp {
namespace {

/// A character in the alphabet of a receipt.
struct Encoded {
  std::size_t size = 0;
  char octets[4];
};

constexpr char32_t unknown = U'?';

Encoded encode(char32_t character, DefaultAlphabet alphabet) {
  Encoded out;
  const auto put = [&out](unsigned octet) { out.octets[out.size++] = static_cast<char>(octet); };
  switch (alphabet) {
    case DefaultAlphabet::gsm7:
    case DefaultAlphabet::gsm7_packed: {
      const Gsm7Code code = gsm7_code(character, Gsm7Shift::none, Gsm7Shift::none);
      if (code.fit == Gsm7Fit::none) break;
      for (std::size_t i = 0; i < code.size; ++i) put(code.septets[i]);
      break;
    }
    case DefaultAlphabet::latin1:
      if (character <= 0xFF) put(character);
      break;
    case DefaultAlphabet::ascii:
      if (character <= 0x7F) put(character);
      break;
    case DefaultAlphabet::utf8:
      if (character == replacement_character) break;
      std::string octets;  // Four at most, which need no memory of their own.
      append_utf8(character, octets);
      for (const char octet : octets) put(static_cast<unsigned char>(octet));
      break;
  }
  // '?' is itself in all of them.
  if (out.size == 0) put(unknown);
  return out;
}

/// Takes characters as long as whole ones fit.
class Quote {
 public:
  Quote(std::span<char> to, unsigned characters, DefaultAlphabet alphabet)
      : to_(to), left_(characters), alphabet_(alphabet) {}
  /// False when there is no room for it.
  bool put(char32_t character) {
    if (left_ == 0) return false;
    const Encoded encoded = encode(character, alphabet_);
    if (size_ + encoded.size > to_.size()) return false;
    std::memcpy(to_.data() + size_, encoded.octets, encoded.size);
    size_ += encoded.size;
    --left_;
    return true;
  }
  /// Text that was decoded.
  bool put_utf8(std::string_view text) {
    Utf8Reader reader(text);
    while (const auto character = reader.next())
      if (!put(character->value == replacement_character ? unknown : character->value))
        return false;
    return true;
  }
  std::size_t size() const { return size_; }

 private:
  const std::span<char> to_;
  std::size_t size_ = 0;
  unsigned left_;
  const DefaultAlphabet alphabet_;
};

bool in_default_alphabet(Alphabet alphabet, DefaultAlphabet receipt) {
  switch (receipt) {
    case DefaultAlphabet::gsm7:
      return alphabet == Alphabet::gsm7;
    case DefaultAlphabet::gsm7_packed:
      return false;
    case DefaultAlphabet::latin1:
      return alphabet == Alphabet::latin1;
    case DefaultAlphabet::ascii:
      return alphabet == Alphabet::ascii;
    case DefaultAlphabet::utf8:
      return alphabet == Alphabet::utf8;
  }
  return false;
}

/// Of a UTF-8 character, by its first octet.
std::size_t utf8_size(unsigned char octet) {
  return octet >= 0xF0 ? 4 : octet >= 0xE0 ? 3 : octet >= 0xC0 ? 2 : 1;
}

bool continues_utf8(char octet) { return (static_cast<unsigned char>(octet) & 0xC0) == 0x80; }

/// How many octets at the end are the beginning of a UTF-8 character.
std::size_t utf8_beginning(std::string_view text) {
  constexpr std::size_t size_max = 4;
  for (std::size_t back = 1; back <= std::min(text.size(), size_max); ++back) {
    const char octet = text[text.size() - back];
    if (continues_utf8(octet)) continue;
    const std::size_t size = utf8_size(static_cast<unsigned char>(octet));
    return back < size ? back : 0;
  }
  return 0;
}

/// An escape that is not escaped itself.
std::size_t open_escape(std::string_view text) {
  std::size_t escapes = 0;
  while (escapes < text.size() && text[text.size() - 1 - escapes] == static_cast<char>(gsm7_escape))
    ++escapes;
  return escapes % 2;
}

/// How many octets the character at the head takes; of one that is cut, those that there are.
std::size_t first_character(std::string_view text, DefaultAlphabet alphabet) {
  std::size_t size = 1;
  switch (alphabet) {
    case DefaultAlphabet::gsm7:
    case DefaultAlphabet::gsm7_packed:
      if (text[0] == static_cast<char>(gsm7_escape)) size = 2;
      break;
    case DefaultAlphabet::utf8:
      size = utf8_size(static_cast<unsigned char>(text[0]));
      break;
    case DefaultAlphabet::latin1:
    case DefaultAlphabet::ascii:
      break;
  }
  size = std::min(size, text.size());
  if (alphabet != DefaultAlphabet::utf8) return size;
  // In malformed text it ends where the next one begins.
  for (std::size_t i = 1; i < size; ++i)
    if (!continues_utf8(text[i])) return i;
  return size;
}

/// Unit by unit, so that it takes no memory of its own. `is_whole`: what is missing at the end is
/// missing in the message too.
void put_utf16(Octets text, Utf16Order order, bool is_whole, Quote& quote) {
  constexpr std::size_t unit = 2;
  Utf16Decoder decoder(order);
  std::string decoded;
  for (; !text.empty(); text = text.subspan(std::min(unit, text.size()))) {
    decoded.clear();
    decoder.add(text.first(std::min(unit, text.size())), decoded);
    if (!quote.put_utf8(decoded)) return;
  }
  if (!is_whole) return;
  decoded.clear();
  decoder.finish(decoded);
  quote.put_utf8(decoded);
}

/// Text of one of the other alphabets, in that of the receipt; returns its octets.
std::size_t convert(Octets text, std::uint8_t data_coding, const DecodeOptions& options,
                    DefaultAlphabet receipt, unsigned characters, std::span<char> to) {
  const Alphabet alphabet = parse_data_coding(data_coding, options).alphabet;
  if (in_default_alphabet(alphabet, receipt)) {
    const std::string_view whole = first_characters(as_text(text), receipt, characters, to.size());
    std::memcpy(to.data(), whole.data(), whole.size());
    return whole.size();
  }
  Quote quote(to, characters, receipt);
  // The common ones, without memory.
  if (alphabet == Alphabet::latin1 || alphabet == Alphabet::ascii) {
    const unsigned last = alphabet == Alphabet::ascii ? 0x7F : 0xFF;
    for (const std::uint8_t octet : text)
      if (!quote.put(octet <= last ? octet : unknown)) break;
    return quote.size();
  }
  // A character cut here would be decoded to one that was not there. Packed septets cannot be cut:
  // there are more of them than there is room for.
  if (alphabet == Alphabet::utf8)
    text = as_octets(whole_characters(as_text(text), DefaultAlphabet::utf8));
  if (alphabet == Alphabet::gsm7)
    text = as_octets(whole_characters(as_text(text), DefaultAlphabet::gsm7));
  quote.put_utf8(decode_text(text, data_coding, options).text);
  return quote.size();
}

}  // namespace

std::string_view whole_characters(std::string_view text, DefaultAlphabet alphabet) {
  switch (alphabet) {
    case DefaultAlphabet::gsm7:
    case DefaultAlphabet::gsm7_packed:
      text.remove_suffix(open_escape(text));
      break;
    case DefaultAlphabet::utf8:
      // In malformed text one beginning may stand behind another.
      while (const std::size_t size = utf8_beginning(text)) text.remove_suffix(size);
      break;
    case DefaultAlphabet::latin1:
    case DefaultAlphabet::ascii:
      break;
  }
  return text;
}

std::string_view first_characters(std::string_view text, DefaultAlphabet alphabet,
                                  std::size_t count, std::size_t room) {
  std::size_t size = 0;
  for (; count != 0 && size < text.size(); --count) {
    const std::size_t next = first_character(text.substr(size), alphabet);
    if (size + next > room) break;
    size += next;
  }
  return whole_characters(text.substr(0, size), alphabet);
}

std::size_t quote_long(Octets text, std::uint8_t data_coding, std::uint8_t esm_class,
                       DefaultAlphabet submitted, DefaultAlphabet receipt, unsigned characters,
                       std::span<char> to) {
  const DecodeOptions options = decode_options(submitted, false);
  const bool is_utf16 = parse_data_coding(data_coding, options).alphabet == Alphabet::utf16;
  // A header is in front of any coding alike.
  if (!text_can_be_quoted(is_utf16 ? 0 : data_coding, esm_class)) return 0;
  // The same octets as the journal keeps.
  text = text.first(std::min(text.size(), octets_of_characters(characters)));
  if (!is_utf16) return convert(text, data_coding, options, receipt, characters, to);
  Quote quote(to, characters, receipt);
  put_utf16(text, options.utf16_order, text.size() < octets_of_characters(characters), quote);
  return quote.size();
}

void quote_converted(MessageRecord& record, Octets text, std::uint8_t data_coding,
                     DefaultAlphabet submitted, DefaultAlphabet receipt) {
  // The same octets as the journal keeps of a message whose outcome is known, so that a restart
  // does not change a receipt.
  text = text.first(std::min(text.size(), MessageRecord::snippet_max));
  record.snippet_size =
      static_cast<std::uint8_t>(convert(text, data_coding, decode_options(submitted, false),
                                        receipt, MessageRecord::snippet_max, record.snippet));
}

}  // namespace ringgate::smpp
