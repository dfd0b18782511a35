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
/// A part of a long message is decoded by itself; LongMessage::text is the whole. Any thread.
RINGGATE_API Text text_of(const Submit& submit);

/// Delivers a text: in GSM 7-bit where every character has a code there, else in UTF-16, split into
/// as many parts with a UDH as it needs (never inside an escape or a surrogate pair, nor inside
/// what a reader sees as one character where that can be avoided), each an MO of its own. `first`
/// becomes the id of the first part. Routed::malformed for text that is not UTF-8 or needs more
/// than 255 parts; where a later part finds no room (Routed::full) the parts before it are on their
/// way. Allocates. On the thread that `replies` is for.
RINGGATE_API Routed deliver_text(Replies& replies, const Address& source,
                                 const Address& destination, std::string_view utf8,
                                 MessageId& first);

}  // namespace RINGGATE_ABI
}  // namespace ringgate
