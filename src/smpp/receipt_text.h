// Delivery receipts as deliver_sm (3.4 Appendix B, 5.0 §4.3.1 and §4.7.12).
//
//   id:<id> sub:001 dlvrd:001 submit date:YYMMDDhhmm done date:YYMMDDhhmm stat:DELIVRD err:000
//   text:<20 characters>
#pragma once

#include <array>
#include <optional>

#include "message/message_id.h"
#include "message/record.h"
#include "smpp/pdu.h"
#include "smpp/receipt_template.h"
#include "wire/frame.h"

namespace ringgate::smpp {

/// The seven letters of a state; SMPP 5.0's own states have none and are shown as the nearest that
/// has.
std::string_view receipt_stat(MessageState state);

/// The date of a wall-clock second, remembered: receipts of one minute share their dates.
class ReceiptDates {
 public:
  const char* ten_digits(std::int64_t wall_s);

 private:
  struct Entry {
    std::int64_t minute = -1;
    char digits[10] = {};
  };
  std::array<Entry, 4> entries_;
};

/// A receipt repeats the beginning of the text in its own data_coding 0. Only text of one octet per
/// character survives that; a user data header, UTF-16 or binary would be rubbish that some clients
/// fall over.
constexpr bool text_can_be_quoted(std::uint8_t data_coding, std::uint8_t esm_class) {
  const bool one_octet_text = data_coding == 0 || data_coding == 1 || data_coding == 3 ||
                              data_coding == 0x10 || (data_coding & 0xFC) == 0xF0;
  constexpr std::uint8_t udhi = 0x40;
  return one_octet_text && (esm_class & udhi) == 0;
}

/// How one account's receipts look.
struct ReceiptStyle {
  /// `quirks` has been checked, and outlives this.
  explicit ReceiptStyle(const QuirkOptions& quirks);

  const QuirkOptions* quirks;
  std::optional<ReceiptTemplate> form;  ///< empty: 3.4 Appendix B
  bool plain;                           ///< nothing differs from what the documents say
};

/// Upper bound of what write_receipt() writes, header included.
inline constexpr std::size_t receipt_pdu_max = 400;

/// Writes the whole deliver_sm (or data_sm) for a message's receipt or intermediate notification to
/// `to` (receipt_pdu_max octets); returns its size. Source and destination change places. TLVs
/// receipted_message_id, message_state (and network_error_code on failure) only for peers from 3.4
/// on.
std::size_t write_receipt(const MessageRecord& message, const ReceiptStyle& style, IdStyle id_style,
                          std::uint32_t sequence_number, ReceiptDates& dates, std::uint8_t* to);

}  // namespace ringgate::smpp
