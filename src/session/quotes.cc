#include "session/quotes.h"

#include "base/assert.h"

namespace ringgate {

// Whatever a receipt has room for has room beside its record.
static_assert(LongQuote::size_max >= smpp::ReceiptTemplate::receipt_max);

Quotes::Quotes(std::span<const QuirkOptions* const> accounts, std::uint32_t messages)
    : messages_(messages) {
  adopt(accounts);
}

void Quotes::adopt(std::span<const QuirkOptions* const> accounts) {
  styles_.clear();
  styles_.reserve(accounts.size());
  for (const QuirkOptions* const quirks : accounts) {
    styles_.emplace_back(*quirks);
    if (styles_.back().long_quote != 0 && long_quotes_ == nullptr)
      long_quotes_ = std::make_unique<ZeroedArray<LongQuote>>(messages_);
  }
}

void Quotes::set_long(MessageRecord& record, Octets text, DefaultAlphabet submitted,
                      DefaultAlphabet now) {
  ASSERT(long_quotes_ != nullptr);
  char octets[LongQuote::size_max];
  const std::size_t size = smpp::quote_long(text, record.data_coding, record.esm_class, submitted,
                                            now, styles_[record.account].long_quote, octets);
  record.set_quote({octets, size}, (*long_quotes_)[record.slot]);
}

void Quotes::copy(const MessageRecord& from, MessageRecord& to) {
  ASSERT(from.account == to.account);
  if (from.snippet_size == MessageRecord::quote_is_beside) [[unlikely]]
    return to.set_quote(from.quote(), (*long_quotes_)[to.slot]);
  to.snippet_size = from.snippet_size;
  std::memcpy(to.snippet, from.snippet, sizeof from.snippet);
}

}  // namespace ringgate
