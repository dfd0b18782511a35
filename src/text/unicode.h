// Unicode on both sides of us: UTF-8 towards people and backends, UTF-16 on the air.
//
// SMPP and 3GPP say UCS-2; telephones send UTF-16, and a surrogate pair may fall between two parts
// of a long message. Nothing here fails: what cannot be read becomes U+FFFD and is counted.
#pragma once

#include <ringgate/types.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ringgate {

/// Shown in place of what cannot be read.
inline constexpr char16_t replacement_character = 0xFFFD;

/// Appends one scalar value. A surrogate or a value above U+10FFFF is our mistake and aborts.
void append_utf8(char32_t character, std::string& text);

/// Appends the ASCII that `octets` begin with and returns what is behind it. Nearly all that is
/// sent is nothing else.
Octets append_ascii(Octets octets, std::string& text);

/// Appends one scalar value as two or four octets, high octet first.
void append_utf16be(char32_t character, std::vector<std::uint8_t>& out);

/// Reads UTF-8 strictly: overlong forms, surrogates and values above U+10FFFF are malformed. Each
/// maximal malformed stretch yields one U+FFFD (The Unicode Standard §3.9), so a reader always
/// moves on. Borrows the text.
class Utf8Reader {
 public:
  struct Character {
    char32_t value;
    bool malformed;
  };

  explicit Utf8Reader(std::string_view text) : text_(text) {}

  /// The next character, or empty at the end.
  std::optional<Character> next();

 private:
  std::string_view text_;
  std::size_t at_ = 0;
};

/// True if the whole text is well-formed.
bool is_utf8(std::string_view text);

/// The same text with U+FFFD for every malformed stretch.
std::string to_valid_utf8(std::string_view text, std::size_t* replaced = nullptr);

/// Which octet of a UTF-16 unit comes first.
enum class Utf16Order : std::uint8_t {
  big,     ///< What 3GPP TS 23.038 says; U+FEFF is a character.
  little,  ///< What some senders do all the same; U+FEFF is a character.
  detect,  ///< A byte order mark at the start decides and is dropped; big without one.
};

/// Turns UTF-16 into UTF-8, part by part: add() the parts in order, then finish(). A high surrogate
/// or an odd octet at the end of a part waits for the next.
class Utf16Decoder {
 public:
  explicit Utf16Decoder(Utf16Order order) : order_(order) {}

  /// Appends to `text` what `octets` complete.
  void add(Octets octets, std::string& text);

  /// Ends the text: what still waits becomes U+FFFD.
  void finish(std::string& text);

  /// How often U+FFFD was put for something unreadable.
  std::size_t replaced() const { return replaced_; }

 private:
  void add_unit(char16_t unit, std::string& text);
  void replace(std::string& text);

  Utf16Order order_;
  std::size_t replaced_ = 0;
  std::optional<std::uint8_t> odd_;
  char16_t high_ = 0;  // the surrogate that waits; 0 is none
};

/// One whole text; see Utf16Decoder. `replaced`, when given, receives the count.
std::string utf16_to_utf8(Octets octets, Utf16Order order = Utf16Order::big,
                          std::size_t* replaced = nullptr);

/// Appends a whole text as UTF-16, high octet first, without a byte order mark. False, with `out`
/// as it was, when `utf8` is malformed.
[[nodiscard]] bool utf8_to_utf16be(std::string_view utf8, std::vector<std::uint8_t>& out);

}  // namespace ringgate
