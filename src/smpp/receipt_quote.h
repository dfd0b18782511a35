// What a receipt repeats of its message's text: the beginning, in the alphabet that the receipt
// declares with data_coding 0, which is the account's default alphabet.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

#include <ringgate/message.h>
#include <ringgate/types.h>

#include "message/record.h"

namespace ringgate::smpp {

/// Whether a receipt repeats text of that coding at all. A user data header, UTF-16, binary and the
/// alphabets that are not decoded here would be rubbish that some clients fall over.
constexpr bool text_can_be_quoted(std::uint8_t data_coding, std::uint8_t esm_class) {
  const bool one_octet_text = data_coding == 0 || data_coding == 1 || data_coding == 3 ||
                              data_coding == 0x10 || (data_coding & 0xFC) == 0xF0;
  constexpr std::uint8_t udhi = 0x40;
  return one_octet_text && (esm_class & udhi) == 0;
}

/// `text` without an escape or a UTF-8 character at its end of which the rest is missing: it would
/// swallow what follows it in the receipt. A packed alphabet is meant unpacked here, as receipts
/// are written.
std::string_view whole_characters(std::string_view text, DefaultAlphabet alphabet);

/// The first `count` characters of a text in that alphabet, as many as `room` octets hold.
std::string_view first_characters(std::string_view text, DefaultAlphabet alphabet,
                                  std::size_t count, std::size_t room);

/// For an account whose receipts repeat more than a record holds: writes up to `characters` of them
/// in the receipt's alphabet, as many as `to` has room for, and returns their octets. UTF-16 is
/// repeated here too, as far as that alphabet can show it. The rest is as with quote().
std::size_t quote_long(Octets text, std::uint8_t data_coding, std::uint8_t esm_class,
                       DefaultAlphabet submitted, DefaultAlphabet receipt, unsigned characters,
                       std::span<char> to);

/// Sets the record's snippet from a text that can be quoted and is in another alphabet than its
/// receipt. Characters that this one has not become '?'.
void quote_converted(MessageRecord& record, Octets text, std::uint8_t data_coding,
                     DefaultAlphabet submitted, DefaultAlphabet receipt);

/// Sets the record's snippet from the text of its message, if it can be quoted. `submitted` is what
/// data_coding 0 meant when the message came, `receipt` what it means now; they differ only where a
/// restart with another configuration lies between.
[[gnu::always_inline]] inline void quote(MessageRecord& record, Octets text,
                                         std::uint8_t data_coding, std::uint8_t esm_class,
                                         DefaultAlphabet submitted, DefaultAlphabet receipt) {
  if (!text_can_be_quoted(data_coding, esm_class) || text.empty()) return;
  // Receipts are not packed, so a packed text is never in their alphabet.
  const bool same = submitted == receipt && receipt != DefaultAlphabet::gsm7_packed;
  if (data_coding != 0 || !same) [[unlikely]]
    return quote_converted(record, text, data_coding, submitted, receipt);
  const std::size_t size = std::min(text.size(), MessageRecord::snippet_max);
  // Most texts are longer. A size that is known here makes two loads of what else is a call.
  if (size == MessageRecord::snippet_max) [[likely]]
    std::memcpy(record.snippet, text.data(), MessageRecord::snippet_max);
  else
    std::memcpy(record.snippet, text.data(), size);
  record.snippet_size = static_cast<std::uint8_t>(size);
  // Nothing else can be the beginning of something longer: ESC, or an octet of UTF-8 above ASCII.
  constexpr std::uint8_t escape = 0x1B;
  if (text[size - 1] == escape || text[size - 1] >= 0x80) [[unlikely]]
    record.snippet_size =
        static_cast<std::uint8_t>(whole_characters({record.snippet, size}, receipt).size());
}

}  // namespace ringgate::smpp
