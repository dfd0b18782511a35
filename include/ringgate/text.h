// From octets to text and back, for backends that think in characters.
#pragma once

#include <string>
#include <string_view>

#include <ringgate/api.h>
#include <ringgate/backend.h>
#include <ringgate/message.h>

namespace ringgate {
inline namespace RINGGATE_ABI {

/// A message's text.
struct Text {
  std::string utf8;          ///< empty unless is_text
  bool is_text = false;      ///< false for binary, and for codings that are not decoded here
  std::size_t replaced = 0;  ///< characters that could not be read; U+FFFD stands for each
};

/// Decodes one submit: GSM 7-bit with national tables, packed or not, ASCII, Latin-1, UTF-16,
/// by its data_coding (5.0 §4.7.7, 3GPP TS 23.038), its UDH, and its account's default alphabet.
/// A part of a long message is decoded by itself; WholeMessage::text is the whole. Any thread.
RINGGATE_API Text text_of(const Submit& submit);

/// The alphabet of a text for a client.
enum class TextCoding : std::uint8_t {
  automatic,  ///< GSM 7-bit where every character has a code there, else UTF-16
  gsm7,       ///< data_coding 0
  utf16,      ///< data_coding 8
};

/// Delivers a text, with all else that `message` says (its text, data_coding and esm_class are made
/// here, and it has no TLVs of its own), split into as many parts with a UDH as it needs (never
/// inside an escape or a surrogate pair, nor inside what a reader sees as one character where that
/// can be avoided), each an MO of its own. `first` becomes the id of the first part.
/// Routed::malformed for text that is not UTF-8, has characters that `coding` has not, or needs
/// more than 255 parts; where a later part finds no room (Routed::full) the parts before it are on
/// their way. Allocates. On the thread that `replies` is for.
RINGGATE_API Routed deliver_text(Replies& replies, const Deliver& message, std::string_view utf8,
                                 MessageId& first, TextCoding coding = TextCoding::automatic);
/// The same to whoever owns `destination`.
RINGGATE_API Routed deliver_text(Replies& replies, const Address& source,
                                 const Address& destination, std::string_view utf8,
                                 MessageId& first);

/// A receipt that the program writes itself, for a message that this server may never have seen.
/// Views borrow for the call.
struct Receipt {
  std::string_view id;           ///< as the client knows it, at most 64 characters
  Address source;                ///< whom the message was for
  Address destination;           ///< who had sent it
  Outcome outcome;               ///< one that is not final makes an intermediate notification
  std::int64_t submitted_s = 0;  ///< seconds since 1970 UTC
  std::int64_t done_s = 0;       ///< likewise
  std::string_view text;         ///< octets in the client's default alphabet; 20 are repeated
  std::string_view account;      ///< this and the next two as in Deliver
  SessionId session;
  std::uint64_t token = 0;
};

/// Delivers it as 3.4 Appendix B and 5.0 §4.7.12 say, with the TLVs receipted_message_id and
/// message_state, and network_error_code where there was an error. Routed::malformed for an id that
/// is too long or has a NUL, an error above 999, or no such state. `id` names it in on_delivered.
/// On the thread that `replies` is for.
RINGGATE_API Routed deliver_receipt(Replies& replies, const Receipt& receipt, MessageId& id);

}  // namespace RINGGATE_ABI
}  // namespace ringgate
