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

/// Appends characters to a snippet as long as whole ones fit.
class Snippet {
 public:
  Snippet(MessageRecord& record, DefaultAlphabet alphabet) : record_(record), alphabet_(alphabet) {
    record_.snippet_size = 0;
  }
  /// False when there is no room for it.
  bool put(char32_t character) {
    const Encoded encoded = encode(character, alphabet_);
    if (record_.snippet_size + encoded.size > MessageRecord::snippet_max) return false;
    std::memcpy(record_.snippet + record_.snippet_size, encoded.octets, encoded.size);
    record_.snippet_size = static_cast<std::uint8_t>(record_.snippet_size + encoded.size);
    return true;
  }

 private:
  MessageRecord& record_;
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

/// How many octets at the end are the beginning of a UTF-8 character.
std::size_t utf8_beginning(std::string_view text) {
  constexpr std::size_t size_max = 4;
  for (std::size_t back = 1; back <= std::min(text.size(), size_max); ++back) {
    const auto octet = static_cast<unsigned char>(text[text.size() - back]);
    if ((octet & 0xC0) == 0x80) continue;
    const std::size_t size = octet >= 0xF0 ? 4 : octet >= 0xE0 ? 3 : octet >= 0xC0 ? 2 : 1;
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

void quote_converted(MessageRecord& record, Octets text, std::uint8_t data_coding,
                     DefaultAlphabet submitted, DefaultAlphabet receipt) {
  // The same octets as the journal keeps of a message whose outcome is known, so that a restart
  // does not change a receipt.
  text = text.first(std::min(text.size(), MessageRecord::snippet_max));
  const DecodeOptions options = decode_options(submitted, false);
  const Alphabet alphabet = parse_data_coding(data_coding, options).alphabet;
  if (in_default_alphabet(alphabet, receipt)) {
    const std::string_view whole = whole_characters(as_text(text), receipt);
    std::memcpy(record.snippet, whole.data(), whole.size());
    record.snippet_size = static_cast<std::uint8_t>(whole.size());
    return;
  }
  Snippet snippet(record, receipt);
  // The common ones, without memory.
  if (alphabet == Alphabet::latin1 || alphabet == Alphabet::ascii) {
    const unsigned last = alphabet == Alphabet::ascii ? 0x7F : 0xFF;
    for (const std::uint8_t octet : text)
      if (!snippet.put(octet <= last ? octet : unknown)) return;
    return;
  }
  // A character cut here would be decoded to one that was not there. Packed septets cannot be cut:
  // 20 octets hold two more than there is room for.
  if (alphabet == Alphabet::utf8)
    text = as_octets(whole_characters(as_text(text), DefaultAlphabet::utf8));
  if (alphabet == Alphabet::gsm7)
    text = as_octets(whole_characters(as_text(text), DefaultAlphabet::gsm7));
  const DecodedText decoded = decode_text(text, data_coding, options);
  Utf8Reader reader(decoded.text);
  while (const auto character = reader.next())
    if (!snippet.put(character->value == replacement_character ? unknown : character->value))
      return;
}

}  // namespace ringgate::smpp
