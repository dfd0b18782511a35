// What receipts repeat of a text where that is more than a record holds.
#include "shard/shard.h"

namespace ringgate {

// Whatever a receipt has room for has room beside its record.
static_assert(LongQuote::size_max >= smpp::ReceiptTemplate::receipt_max);

void Shard::quote_long(MessageRecord& record, const Account& account, Octets text,
                       DefaultAlphabet submitted) {
  ASSERT(long_quotes_ != nullptr);
  char octets[LongQuote::size_max];
  const std::size_t size = smpp::quote_long(text, record.data_coding, record.esm_class, submitted,
                                            account.options.quirks.default_alphabet,
                                            receipt_styles_[account.index].long_quote, octets);
  record.set_quote({octets, size}, (*long_quotes_)[record.slot]);
}

/// Each has its own afterwards: while one is on its way, the other may be replaced.
void Shard::copy_quote(const MessageRecord& from, MessageRecord& to) {
  ASSERT(from.account == to.account);
  if (from.snippet_size == MessageRecord::quote_is_beside) [[unlikely]]
    return to.set_quote(from.quote(), (*long_quotes_)[to.slot]);
  to.snippet_size = from.snippet_size;
  std::memcpy(to.snippet, from.snippet, sizeof from.snippet);
}

}  // namespace ringgate
