// What the receipts of each account say, and what they repeat of texts.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "base/zeroed_array.h"
#include "message/long_quote.h"
#include "message/record.h"
#include "smpp/receipt_quote.h"
#include "smpp/receipt_text.h"

namespace ringgate {

/// How receipts of each account look, and the texts that are too long for a record. Those lie by
/// slot, each as long as its record, whose account's share of messages bounds it; the shard that
/// has the record may read its text. Written by the owner only.
class Quotes {
 public:
  /// `accounts`: the quirks of each, by index, which outlive this. `messages`: slots that there
  /// are.
  Quotes(std::span<const QuirkOptions* const> accounts, std::uint32_t messages);
  /// The accounts have changed, or there are more of them. What receipts that are not written yet
  /// can repeat is what was kept for them.
  void adopt(std::span<const QuirkOptions* const> accounts);

  /// Of a message's text, what its receipt may repeat.
  std::size_t quoted_octets(std::uint32_t account) const {
    return styles_[account].quoted_octets();
  }
  /// Whether receipts of that account repeat more than a record holds.
  bool repeats_more(std::uint32_t account) const {
    return long_quotes_ != nullptr && styles_[account].long_quote != 0;
  }
  /// Sets what the record's receipt repeats of the text. `submitted`: what data_coding 0 meant when
  /// it came. Inlined for submits, of which most ask no more than whether any account has a
  /// template.
  [[gnu::always_inline]] inline void set(MessageRecord& record, Octets text,
                                         DefaultAlphabet submitted, DefaultAlphabet now) {
    if (repeats_more(record.account)) [[unlikely]]
      return set_long(record, text, submitted, now);
    smpp::quote(record, text, record.data_coding, record.esm_class, submitted, now);
  }
  /// The whole PDU that tells of the record's outcome, at most pdu_max octets; returns its size.
  static constexpr std::size_t pdu_max = smpp::receipt_pdu_max;
  std::size_t write(const MessageRecord& record, IdStyle ids, std::uint32_t sequence_number,
                    std::uint8_t* to) {
    return smpp::write_receipt(record, styles_[record.account], ids, sequence_number, outcomes_,
                               to);
  }
  /// Each has its own afterwards: while one is on its way, the other may be replaced.
  void copy(const MessageRecord& from, MessageRecord& to);

 private:
  void set_long(MessageRecord& record, Octets text, DefaultAlphabet submitted, DefaultAlphabet now);

  const std::uint32_t messages_;
  std::vector<smpp::ReceiptStyle> styles_;  // by account
  // Null where no account's receipts repeat so much.
  std::unique_ptr<ZeroedArray<LongQuote>> long_quotes_;
  smpp::OutcomeTexts outcomes_;
};

}  // namespace ringgate
