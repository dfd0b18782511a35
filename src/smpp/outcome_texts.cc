#include "smpp/outcome_texts.h"

#include <algorithm>
#include <cstring>
#include <string_view>

#include "base/assert.h"
#include "smpp/receipt_text.h"
#include "text/smpp_time.h"

namespace ringgate::smpp {

const char* ReceiptDates::ten_digits(std::int64_t wall_s) {
  const std::int64_t minute = wall_s / 60;
  Entry& entry = entries_[static_cast<std::uint64_t>(minute) % entries_.size()];
  if (entry.minute != minute) {
    entry.minute = minute;
    write_receipt_date(wall_s, entry.digits);
  }
  return entry.digits;
}

void OutcomeTexts::write(Entry& entry, const MessageRecord& message) {
  const auto submitted = static_cast<std::uint64_t>(message.submitted_s);
  const auto done = static_cast<std::uint64_t>(message.done_s);
  entry.submitted = submitted - submitted % minute_s;
  entry.done = done - done % minute_s;
  entry.outcome = message.outcome;
  char* at = entry.text;
  const auto put = [&at](std::string_view text) { at = std::copy(text.begin(), text.end(), at); };
  const auto put_digit = [&at](unsigned value) { *at++ = static_cast<char>('0' + value % 10); };
  put(is_success(message.outcome.state) ? " sub:001 dlvrd:001" : " sub:001 dlvrd:000");
  put(" submit date:");
  put({dates_.ten_digits(message.submitted_s), 10});
  put(" done date:");
  put({dates_.ten_digits(message.done_s), 10});
  put(" stat:");
  put(receipt_stat(message.outcome.state));
  put(" err:");
  put_digit(message.outcome.error / 100);
  put_digit(message.outcome.error / 10);
  put_digit(message.outcome.error);
  put(" text:");
  ASSERT(at == entry.text + size);
}

}  // namespace ringgate::smpp
