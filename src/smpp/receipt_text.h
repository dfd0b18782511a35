// Delivery receipts as deliver_sm (3.4 Appendix B, 5.0 §4.3.1 and §4.7.12).
//
//   id:<id> sub:001 dlvrd:001 submit date:YYMMDDhhmm done date:YYMMDDhhmm stat:DELIVRD err:000
//   text:<20 characters>
#pragma once

#include <optional>

#include "message/message_id.h"
#include "message/record.h"
#include "smpp/outcome_texts.h"
#include "smpp/pdu.h"
#include "smpp/receipt_template.h"
#include "wire/frame.h"

namespace ringgate::smpp {

// esm_class of a receipt and of an intermediate notification (5.0 §4.7.12), and the first octet of
// network_error_code.
inline constexpr std::uint8_t esm_class_receipt = 0x04;
inline constexpr std::uint8_t esm_class_notification = 0x20;
inline constexpr std::uint8_t network_gsm = 3;

/// The seven letters of a state; SMPP 5.0's own states have none and are shown as the nearest that
/// has.
std::string_view receipt_stat(MessageState state);

/// How one account's receipts look.
struct ReceiptStyle {
  /// `quirks` has been checked, and outlives this.
  explicit ReceiptStyle(const QuirkOptions& quirks);

  const QuirkOptions* quirks;
  std::optional<ReceiptTemplate> form;  ///< empty: 3.4 Appendix B
  bool plain;                           ///< nothing differs from what the documents say
  /// Characters of the text that receipts repeat, where a record does not hold so many; else 0.
  unsigned long_quote = 0;

  /// Of a message's text, what has to be kept for its receipt.
  std::size_t quoted_octets() const {
    return long_quote == 0 ? MessageRecord::snippet_max : octets_of_characters(long_quote);
  }
};

/// Upper bound of what write_receipt() writes, header included.
inline constexpr std::size_t receipt_pdu_max = 400;

/// Writes the whole deliver_sm (or data_sm) for a message's receipt or intermediate notification to
/// `to` (receipt_pdu_max octets); returns its size. Source and destination change places. TLVs
/// receipted_message_id, message_state (and network_error_code on failure) only for peers from 3.4
/// on.
std::size_t write_receipt(const MessageRecord& message, const ReceiptStyle& style, IdStyle id_style,
                          std::uint32_t sequence_number, OutcomeTexts& outcomes, std::uint8_t* to);

}  // namespace ringgate::smpp
