#include "smpp/receipt_text.h"

#include "message/message_id.h"
#include "smpp/command.h"
#include "smpp/tlv.h"
#include "text/smpp_time.h"

namespace ringgate::smpp {
namespace {

constexpr std::uint8_t esm_class_receipt = 0x04;

// Appends constant text; the size is known where it is called, so the copy becomes a few stores.
template <std::size_t N>
[[gnu::always_inline]] inline std::uint8_t* put(std::uint8_t* to, const char (&text)[N]) {
  std::memcpy(to, text, N - 1);
  return to + N - 1;
}

[[gnu::always_inline]] inline std::uint8_t* put(std::uint8_t* to, const char* text,
                                                std::size_t size) {
  std::memcpy(to, text, size);
  return to + size;
}

std::uint8_t* put_address(std::uint8_t* to, const StoredAddress& address) {
  to[0] = address.ton;
  to[1] = address.npi;
  std::memcpy(to + 2, address.text, sizeof address.text);
  to[2 + address.size] = 0;
  return to + 3 + address.size;
}

std::uint8_t* put_three_digits(std::uint8_t* to, unsigned value) {
  to[0] = static_cast<std::uint8_t>('0' + value / 100 % 10);
  to[1] = static_cast<std::uint8_t>('0' + value / 10 % 10);
  to[2] = static_cast<std::uint8_t>('0' + value % 10);
  return to + 3;
}

}  // namespace

std::string_view receipt_stat(MessageState state) {
  switch (state) {
    case MessageState::scheduled:
    case MessageState::enroute:
      return "ENROUTE";
    case MessageState::delivered:
      return "DELIVRD";
    case MessageState::expired:
      return "EXPIRED";
    case MessageState::deleted:
      return "DELETED";
    case MessageState::skipped:
    case MessageState::undeliverable:
      return "UNDELIV";
    case MessageState::accepted:
      return "ACCEPTD";
    case MessageState::unknown:
      return "UNKNOWN";
    case MessageState::rejected:
      return "REJECTD";
  }
  return "UNKNOWN";
}

const char* ReceiptDates::ten_digits(std::int64_t wall_s) {
  const std::int64_t minute = wall_s / 60;
  Entry& entry = entries_[static_cast<std::uint64_t>(minute) % entries_.size()];
  if (entry.minute != minute) {
    entry.minute = minute;
    write_receipt_date(wall_s, entry.digits);
  }
  return entry.digits;
}

std::size_t write_receipt(const MessageRecord& message, std::uint8_t interface_version,
                          std::uint32_t sequence_number, ReceiptDates& dates, std::uint8_t* to) {
  const bool success = message.outcome.state == MessageState::delivered ||
                       message.outcome.state == MessageState::accepted;
  char id[message_id_text_max];
  const std::size_t id_size = write_message_id(message.id, interface_version, id);

  std::uint8_t* at = to + wire::pdu_header_size;
  *at++ = 0;  // service_type
  at = put_address(at, message.destination);
  at = put_address(at, message.source);
  *at++ = esm_class_receipt;
  std::memset(at, 0, 8);  // protocol_id ... sm_default_msg_id, both times empty
  at += 8;
  std::uint8_t* const sm_length = at++;
  at = put(at, "id:");
  at = put(at, id, id_size);
  at = success ? put(at, " sub:001 dlvrd:001 submit date:")
               : put(at, " sub:001 dlvrd:000 submit date:");
  at = put(at, dates.ten_digits(message.submitted_s), 10);
  at = put(at, " done date:");
  at = put(at, dates.ten_digits(message.done_s), 10);
  at = put(at, " stat:");
  at = put(at, receipt_stat(message.outcome.state).data(), 7);
  at = put(at, " err:");
  at = put_three_digits(at, message.outcome.error);
  at = put(at, " text:");
  std::memcpy(at, message.snippet, sizeof message.snippet);
  at += message.snippet_size;
  *sm_length = static_cast<std::uint8_t>(at - sm_length - 1);

  if (interface_version >= 0x34) {
    store_be16(at, static_cast<std::uint16_t>(Tag::receipted_message_id));
    store_be16(at + 2, static_cast<std::uint16_t>(id_size + 1));
    at = put(at + 4, id, id_size);
    *at++ = 0;
    store_be16(at, static_cast<std::uint16_t>(Tag::message_state));
    store_be16(at + 2, 1);
    at[4] = static_cast<std::uint8_t>(message.outcome.state);
    at += 5;
    if (message.outcome.error != 0) {
      store_be16(at, static_cast<std::uint16_t>(Tag::network_error_code));
      store_be16(at + 2, 3);
      at[4] = 3;  // GSM
      store_be16(at + 5, message.outcome.error);
      at += 7;
    }
  }
  const auto size = static_cast<std::size_t>(at - to);
  write_header(to, static_cast<std::uint32_t>(size),
               static_cast<std::uint32_t>(Command::deliver_sm), 0, sequence_number);
  return size;
}

}  // namespace ringgate::smpp
