// What receipts of 3.4 Appendix B say between the message's id and its text, ready to be copied.
//
//   id:<id> sub:001 dlvrd:001 submit date:YYMMDDhhmm done date:YYMMDDhhmm stat:DELIVRD err:000
//   text:
//          └───────────────────────────────── OutcomeTexts
//          ────────────────────────────────────────┘
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "message/record.h"

namespace ringgate::smpp {

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

/// Remembered too: messages of one minute that ended alike in another share all of it, and to put
/// it together took more than a third of what writing a receipt takes.
class OutcomeTexts {
 public:
  static constexpr std::size_t size = 89;

  /// `size` octets, good until the next call.
  const char* of(const MessageRecord& message) {
    const std::uint64_t minute = static_cast<std::uint64_t>(message.submitted_s) / minute_s;
    Entry& entry =
        entries_[(minute + static_cast<unsigned>(message.outcome.state)) % entries_.size()];
    if (!entry.is_of(message)) [[unlikely]]
      write(entry, message);
    return entry.text;
  }

 private:
  static constexpr std::uint64_t minute_s = 60;

  struct Entry {
    // Seconds in which its minutes begin; at first one that no clock shows.
    std::uint64_t submitted = std::uint64_t{1} << 63;
    std::uint64_t done = 0;
    Outcome outcome;
    char text[size];

    bool is_of(const MessageRecord& message) const {
      return static_cast<std::uint64_t>(message.submitted_s) - submitted < minute_s &&
             static_cast<std::uint64_t>(message.done_s) - done < minute_s &&
             message.outcome.state == outcome.state && message.outcome.error == outcome.error;
    }
  };

  void write(Entry& entry, const MessageRecord& message);

  ReceiptDates dates_;
  std::array<Entry, 8> entries_;
};

}  // namespace ringgate::smpp
