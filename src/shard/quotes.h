// What the receipts of each account repeat of texts.
#pragma once

#include <memory>
#include <vector>

#include "base/zeroed_array.h"
#include "message/long_quote.h"
#include "message/record.h"
#include "policy/directory.h"
#include "smpp/receipt_quote.h"
#include "smpp/receipt_text.h"

namespace ringgate {

/// How receipts of each account look, and the texts that are too long for a record. Those lie by
/// slot, each as long as its record, whose account's share of messages bounds it; the shard that
/// has the record may read its text. Written by the owner only.
class Quotes {
 public:
  /// `messages`: slots that there are.
  Quotes(const Directory& directory, std::uint32_t messages);

  const smpp::ReceiptStyle& style_of(std::uint32_t account) const { return styles_[account]; }

  /// Whether receipts of that account repeat more than a record holds.
  bool repeats_more(const Account& account) const {
    return !account.options.quirks.receipt_template.empty() &&
           styles_[account.index].long_quote != 0;
  }
  /// Sets what the record's receipt repeats of the text. `submitted`: what data_coding 0 meant when
  /// it came. Inlined for submits: all it asks more of most accounts is whether they have a
  /// template.
  [[gnu::always_inline]] inline void set(MessageRecord& record, const Account& account, Octets text,
                                         DefaultAlphabet submitted) {
    if (repeats_more(account)) [[unlikely]]
      return set_long(record, account, text, submitted);
    smpp::quote(record, text, record.data_coding, record.esm_class, submitted,
                account.options.quirks.default_alphabet);
  }
  /// Each has its own afterwards: while one is on its way, the other may be replaced.
  void copy(const MessageRecord& from, MessageRecord& to);

 private:
  void set_long(MessageRecord& record, const Account& account, Octets text,
                DefaultAlphabet submitted);

  std::vector<smpp::ReceiptStyle> styles_;  // by account
  // Null where no account's receipts repeat so much.
  std::unique_ptr<ZeroedArray<LongQuote>> long_quotes_;
};

}  // namespace ringgate
