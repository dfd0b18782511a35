// data_coding (5.0 §4.7.7) and what it makes of a message's text.
//
// SMPP's own list and the coding groups of 3GPP TS 23.038 §4 share one octet. Where SMPP gives a
// value a meaning that meaning holds; the values it reserves are read as 3GPP does, which is what
// peers mean by them: 0x10 is a flash message in GSM 7-bit, 0x18 one in UTF-16.
#pragma once

#include <ringgate/message.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "text/gsm7.h"
#include "text/udh.h"
#include "text/unicode.h"

namespace ringgate {

enum class Alphabet : std::uint8_t {
  gsm7,         ///< one septet per octet
  gsm7_packed,  ///< eight septets in seven octets
  ascii,
  latin1,
  utf8,    ///< never on the air; some peers mean it by data_coding 0
  binary,  ///< octets that are not text
  utf16,
  other,  ///< text that is not decoded here: compressed, Japanese, Korean, Cyrillic, Hebrew
};

/// Lower-case words for logs and JSON.
std::string_view alphabet_name(Alphabet alphabet);

/// One value of data_coding.
struct DataCoding {
  Alphabet alphabet = Alphabet::gsm7;
  std::optional<std::uint8_t> message_class;  ///< 0 is a flash message
  bool compressed = false;                    ///< then `alphabet` is `other`
  bool waiting_indication = false;            ///< switches a mailbox sign on a telephone
};

/// What a peer means where the specifications leave it open.
struct DecodeOptions {
  Alphabet default_alphabet = Alphabet::gsm7;  ///< of data_coding 0: gsm7, latin1, ascii or utf8
  bool packed = false;                         ///< the peer sends GSM 7-bit packed
  bool udhi = false;                           ///< esm_class says that a header is in front
  Utf16Order utf16_order = Utf16Order::detect;
  Gsm7Shift locking_shift = Gsm7Shift::none;  ///< where the header names none
  Gsm7Shift single_shift = Gsm7Shift::none;
};

/// What an account's quirk says about data_coding 0.
DecodeOptions decode_options(DefaultAlphabet alphabet, bool udhi);

/// The meaning of a data_coding octet for a peer.
DataCoding parse_data_coding(std::uint8_t data_coding, const DecodeOptions& options = {});

/// A message's text, and how far it is to be trusted.
struct DecodedText {
  std::string text;  ///< UTF-8; empty unless is_text
  Alphabet alphabet = Alphabet::gsm7;
  bool is_text = false;                    ///< false for binary and other
  std::size_t replaced = 0;                ///< U+FFFD put for what could not be read
  UdhFault header_fault = UdhFault::none;  ///< of the first part that has one
};

/// Decodes a message that came in parts: add() the user data of each in order, then finish() once.
/// A character cut between two parts, which senders should not do, comes out whole.
class TextDecoder {
 public:
  TextDecoder(std::uint8_t data_coding, const DecodeOptions& options);

  /// One part's octets, its header in front if options.udhi. A header that is not sound costs the
  /// part its text, because nobody knows where the text begins.
  void add(Octets user_data);

  DecodedText finish();

 private:
  void add_body(Octets body, std::size_t header_size, Gsm7Shift locking, Gsm7Shift single);
  void add_gsm7_packed(Octets body, std::size_t header_size, Gsm7Shift locking, Gsm7Shift single);
  void add_ascii(Octets body);
  void finish_utf8();

  DecodeOptions options_;
  DecodedText result_;
  Gsm7Decoder gsm7_;
  Utf16Decoder utf16_;
};

/// Decodes a message of one part; see TextDecoder.
DecodedText decode_text(Octets user_data, std::uint8_t data_coding, const DecodeOptions& options);

}  // namespace ringgate
