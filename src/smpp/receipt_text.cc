#include "smpp/receipt_text.h"

#include <algorithm>
#include <charconv>

#include "smpp/command.h"
#include "smpp/tlv.h"

namespace ringgate::smpp {
namespace {

std::uint8_t esm_class_of(const MessageRecord& message) {
  return message.kind == RecordKind::notice ? esm_class_notification : esm_class_receipt;
}

// Appends constant text; the size is known where it is called, so the copy becomes a few stores.
template <std::size_t N>
[[gnu::always_inline]] inline std::uint8_t* put(std::uint8_t* to, const char (&text)[N]) {
  std::memcpy(to, text, N - 1);
  return to + N - 1;
}

/// Nearly every id has sixteen characters, and a call of memcpy for an unknown size costs more than
/// all the rest of it. `id` has room for message_id_text_max, so that there are as many to read.
[[gnu::always_inline]] inline std::uint8_t* put_id(std::uint8_t* to, const char* id,
                                                   std::size_t size) {
  constexpr std::size_t usual = 16;
  std::memcpy(to, id, usual);
  if (size > usual) [[unlikely]]
    std::memcpy(to + usual, id + usual, size - usual);
  return to + size;
}

std::uint8_t* put_address(std::uint8_t* to, const StoredAddress& address) {
  to[0] = address.ton;
  to[1] = address.npi;
  std::memcpy(to + 2, address.text, sizeof address.text);
  to[2 + address.size] = 0;
  return to + 3 + address.size;
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

namespace {

std::uint8_t* put_tlvs(std::uint8_t* at, const MessageRecord& message,
                       std::uint8_t interface_version, const char* id, std::size_t id_size) {
  store_be16(at, static_cast<std::uint16_t>(Tag::receipted_message_id));
  store_be16(at + 2, static_cast<std::uint16_t>(id_size + 1));
  at = put_id(at + 4, id, id_size);
  *at++ = 0;
  store_be16(at, static_cast<std::uint16_t>(Tag::message_state));
  store_be16(at + 2, 1);
  at[4] = static_cast<std::uint8_t>(state_for_version(message.outcome.state, interface_version));
  at += 5;
  if (message.outcome.error != 0) {
    store_be16(at, static_cast<std::uint16_t>(Tag::network_error_code));
    store_be16(at + 2, 3);
    at[4] = network_gsm;
    store_be16(at + 5, message.outcome.error);
    at += 7;
  }
  return at;
}

/// 3.4 Appendix B.
std::uint8_t* put_text(std::uint8_t* at, const MessageRecord& message, const char* id,
                       std::size_t id_size, OutcomeTexts& outcomes) {
  at = put(at, "id:");
  at = put_id(at, id, id_size);
  std::memcpy(at, outcomes.of(message), OutcomeTexts::size);
  at += OutcomeTexts::size;
  std::memcpy(at, message.snippet, sizeof message.snippet);
  return at + message.snippet_size;
}

/// The receipt's text as the account's quirks want it.
std::uint8_t* put_text_styled(std::uint8_t* at, const MessageRecord& message,
                              const ReceiptStyle& style, const char* id, std::size_t id_size) {
  std::string_view err;
  char digits[5];
  const auto mapped =
      std::find_if(style.quirks->err_map.begin(), style.quirks->err_map.end(),
                   [&](const ErrRow& row) { return row.error == message.outcome.error; });
  if (mapped != style.quirks->err_map.end()) {
    err = mapped->text;
  } else {
    // Without zeros in front: how many there are is the template's business.
    err = {digits, std::to_chars(digits, digits + sizeof digits, message.outcome.error).ptr};
  }
  ReceiptFields fields;
  fields.id = {id, id_size};
  fields.state = message.outcome.state;
  fields.submit_s = message.submitted_s;
  fields.done_s = message.done_s;
  fields.err = err;
  fields.text = message.quote();
  fields.alphabet = style.quirks->default_alphabet;
  fields.success = is_success(message.outcome.state);
  return at + style.form->write(fields, reinterpret_cast<char*>(at), ReceiptTemplate::receipt_max);
}

std::size_t write_styled(const MessageRecord& message, const ReceiptStyle& style,
                         std::uint8_t interface_version, const char* id, std::size_t id_size,
                         std::uint32_t sequence_number, std::uint8_t* to) {
  const QuirkOptions& quirks = *style.quirks;
  // A peer below 3.4 knows neither data_sm nor TLVs.
  const bool data_sm = quirks.receipt_pdu == ReceiptPdu::data_sm && interface_version >= 0x34;
  const bool swap = quirks.receipt_swaps_addresses;
  std::uint8_t* at = to + wire::pdu_header_size;
  *at++ = 0;  // service_type
  at = put_address(at, swap ? message.destination : message.source);
  at = put_address(at, swap ? message.source : message.destination);
  *at++ = esm_class_of(message);
  std::uint8_t* size_at;
  if (data_sm) {
    *at++ = 0;  // registered_delivery
    *at++ = 0;  // data_coding
    store_be16(at, static_cast<std::uint16_t>(Tag::message_payload));
    size_at = at + 2;
    at += wire::keyed_header_size;
  } else {
    std::memset(at, 0, 8);  // protocol_id ... sm_default_msg_id, both times empty
    size_at = at + 8;
    at = size_at + 1;
  }
  std::uint8_t* const text = at;
  at = put_text_styled(at, message, style, id, id_size);
  if (data_sm)
    store_be16(size_at, static_cast<std::uint16_t>(at - text));
  else
    *size_at = static_cast<std::uint8_t>(at - text);
  if (interface_version >= 0x34 && quirks.receipt_tlvs)
    at = put_tlvs(at, message, interface_version, id, id_size);
  const auto size = static_cast<std::size_t>(at - to);
  write_header(to, static_cast<std::uint32_t>(size),
               static_cast<std::uint32_t>(data_sm ? Command::data_sm : Command::deliver_sm), 0,
               sequence_number);
  return size;
}

}  // namespace

ReceiptStyle::ReceiptStyle(const QuirkOptions& account_quirks)
    : quirks(&account_quirks),
      plain(account_quirks.receipt_template.empty() && account_quirks.receipt_tlvs &&
            account_quirks.receipt_pdu == ReceiptPdu::deliver_sm &&
            account_quirks.receipt_swaps_addresses && account_quirks.err_map.empty()) {
  if (plain) return;
  std::string error;
  form = ReceiptTemplate::compile(quirks->receipt_template.empty()
                                      ? ReceiptTemplate::appendix_b
                                      : std::string_view(quirks->receipt_template),
                                  error);
  ASSERT(form.has_value());
  if (form->text_characters() > MessageRecord::snippet_max) long_quote = form->text_characters();
}

std::size_t write_receipt(const MessageRecord& message, const ReceiptStyle& style, IdStyle id_style,
                          std::uint32_t sequence_number, OutcomeTexts& outcomes, std::uint8_t* to) {
  char id[message_id_text_max];
  const std::size_t id_size = write_message_id(message.id, id_style, id);
  if (!style.plain) [[unlikely]]
    return write_styled(message, style, id_style.interface_version, id, id_size, sequence_number,
                        to);
  std::uint8_t* at = to + wire::pdu_header_size;
  *at++ = 0;  // service_type
  at = put_address(at, message.destination);
  at = put_address(at, message.source);
  *at++ = esm_class_of(message);
  std::memset(at, 0, 8);  // protocol_id ... sm_default_msg_id, both times empty
  at += 8;
  std::uint8_t* const sm_length = at++;
  at = put_text(at, message, id, id_size, outcomes);
  *sm_length = static_cast<std::uint8_t>(at - sm_length - 1);
  if (id_style.interface_version >= 0x34)
    at = put_tlvs(at, message, id_style.interface_version, id, id_size);
  const auto size = static_cast<std::size_t>(at - to);
  write_header(to, static_cast<std::uint32_t>(size),
               static_cast<std::uint32_t>(Command::deliver_sm), 0, sequence_number);
  return size;
}

}  // namespace ringgate::smpp
