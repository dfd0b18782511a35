// Rules for submit_sm and deliver_sm that no single row can state (facts of 5.0 §4.2.1 and §4.7).
#pragma once

#include <cstring>

#include <ringgate/message.h>
#include <ringgate/options.h>

#include "smpp/pdu.h"
#include "smpp/tlv.h"
#include "text/smpp_time.h"
#include "text/udh.h"

namespace ringgate::smpp {

namespace ton {
inline constexpr std::uint8_t alphanumeric = 5;
}

/// True when eight octets are all ASCII digits: adding 0x46 carries above '9' into the top bit,
/// subtracting 0x30 borrows below '0' into it.
inline bool eight_digits(const char* at) {
  std::uint64_t x;
  std::memcpy(&x, at, 8);
  return (((x + 0x4646464646464646) | (x - 0x3030303030303030) | x) & 0x8080808080808080) == 0;
}

/// Digits with an optional leading '+', as field practice writes international numbers; also '*'
/// and '#' of short codes.
inline bool is_number(std::string_view text) {
  // The usual number has 8 to 16 digits: two loads that may overlap. The loop took three times as
  // long on 12.
  if (text.size() >= 8 && text.size() <= 16 && eight_digits(text.data()) &&
      eight_digits(text.data() + text.size() - 8)) [[likely]]
    return true;
  if (!text.empty() && text[0] == '+') text.remove_prefix(1);
  for (const char c : text)
    if ((c < '0' || c > '9') && c != '*' && c != '#') return false;
  return !text.empty();
}

/// TON and NPI that 5.0 §4.7.1 and §4.7.2 define.
inline bool ton_is_defined(std::uint8_t ton) { return ton <= 6; }
inline bool npi_is_defined(std::uint8_t npi) {
  constexpr std::uint32_t defined = 1u << 0 | 1u << 1 | 1u << 3 | 1u << 4 | 1u << 6 | 1u << 8 |
                                    1u << 9 | 1u << 10 | 1u << 14 | 1u << 18;
  return npi < 32 && (defined >> npi & 1) != 0;
}
/// data_coding values that 5.0 §4.7.7 defines, or that the general groups of 3GPP TS 23.038
/// (0x10-0x7F) do: SMPP reserves those, but clients use them for flash messages.
constexpr bool data_coding_is_defined(std::uint8_t data_coding) {
  if (data_coding < 0x10) return data_coding != 11 && data_coding != 12 && data_coding != 15;
  return data_coding < 0x80 || (data_coding >= 0xC0 && data_coding < 0xE0) || data_coding >= 0xF0;
}

inline Status check_times(std::string_view schedule_delivery_time, std::string_view validity_period,
                          std::int64_t wall_s) {
  if (!schedule_delivery_time.empty()) {
    const auto at = parse_smpp_time(schedule_delivery_time, wall_s);
    if (!at || *at < wall_s) return Status::ESME_RINVSCHED;
  }
  if (!validity_period.empty()) {
    const auto at = parse_smpp_time(validity_period, wall_s);
    if (!at || *at < wall_s) return Status::ESME_RINVEXPIRY;
  }
  return Status::ESME_ROK;
}

inline bool destination_is_sound(const Address& destination) {
  return destination.ton == ton::alphanumeric ? !destination.text.empty()
                                              : is_number(destination.text);
}

/// A destination by itself, whatever PDU names it.
inline Status check_destination(const Address& destination, const QuirkOptions& quirks) {
  if (!destination_is_sound(destination)) return Status::ESME_RINVDSTADR;
  if (quirks.strict_ton_npi) [[unlikely]] {
    if (!ton_is_defined(destination.ton)) return Status::ESME_RINVDSTTON;
    if (!npi_is_defined(destination.npi)) return Status::ESME_RINVDSTNPI;
  }
  return Status::ESME_ROK;
}

/// What holds for every message a client submits, whatever PDU carries it, beyond the rows and the
/// destination. The source is shortened where the account has it so.
inline Status check_message(Content& message, const QuirkOptions& quirks) {
  if (message.source.text.size() > quirks.source_addr_max) [[unlikely]] {
    if (quirks.source_too_long == SourceTooLong::refuse) return Status::ESME_RINVSRCADR;
    if (quirks.source_too_long == SourceTooLong::truncate)
      message.source.text = message.source.text.substr(0, quirks.source_addr_max);
  }
  if (!message.schedule_delivery_time.empty()) [[unlikely]] {
    if (quirks.scheduled_delivery == ScheduledDelivery::refuse) return Status::ESME_RINVSCHED;
    if (quirks.scheduled_delivery == ScheduledDelivery::ignore) message.schedule_delivery_time = {};
  }
  const std::uint8_t message_type = (message.esm_class >> 2) & 0x0F;
  if (message_type != 0 && message_type != 2 && message_type != 4) return Status::ESME_RINVESMCLASS;
  if (quirks.strict_ton_npi) {
    if (!ton_is_defined(message.source.ton)) return Status::ESME_RINVSRCTON;
    if (!npi_is_defined(message.source.npi)) return Status::ESME_RINVSRCNPI;
  }
  if (!data_coding_is_defined(message.data_coding) && !quirks.lenient_data_coding) [[unlikely]]
    return Status::ESME_RINVDCS;
  if (message.has_udh() && !parse_udh(message.text).sound) return Status::ESME_RINVESMCLASS;
  return Status::ESME_ROK;
}

/// Finds the user data of a submit_sm or submit_multi, whose text is its short_message until now.
/// The TLVs have passed check_tlvs.
inline Status find_text(Content& message, std::uint8_t interface_version,
                        const QuirkOptions& quirks) {
  const std::size_t size = message.text.size();
  if (size > short_message_max && interface_version < 0x50) return Status::ESME_RINVMSGLEN;
  if (quirks.strip_trailing_nul && size != 0 && message.text.back() == 0)
    message.text = message.text.first(size - 1);
  if (message.tlvs.empty()) return Status::ESME_ROK;
  if (const auto payload = find_tlv(message.tlvs, Tag::message_payload)) {
    // 5.0 lets message_payload supersede; 3.4 forbids both at once.
    if (size != 0 && interface_version < 0x50) return Status::ESME_RTLVNOTALLWD;
    message.text = *payload;
  }
  return Status::ESME_ROK;
}

/// Everything about a decoded submit_sm beyond its rows, in the order of its fields, and the text
/// that it means.
inline Status check_submit(Content& message, std::uint8_t interface_version,
                           const QuirkOptions& quirks, std::int64_t wall_s) {
  Status status = check_destination(message.destination, quirks);
  if (status == Status::ESME_ROK)
    status = check_times(message.schedule_delivery_time, message.validity_period, wall_s);
  if (status == Status::ESME_ROK) status = find_text(message, interface_version, quirks);
  if (status == Status::ESME_ROK) status = check_message(message, quirks);
  return status;
}

}  // namespace ringgate::smpp
