// Rules for submit_sm and deliver_sm that no single row can state (facts of 5.0 §4.2.1 and §4.7).
#pragma once

#include <cstring>

#include <ringgate/options.h>

#include "smpp/pdu.h"
#include "smpp/tlv.h"
#include "text/smpp_time.h"
#include "text/udh.h"

namespace ringgate::smpp {

namespace ton {
inline constexpr std::uint8_t alphanumeric = 5;
}

inline constexpr std::uint8_t esm_class_udhi = 0x40;

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

inline bool destination_is_sound(std::uint8_t ton, std::string_view address) {
  return ton == ton::alphanumeric ? !address.empty() : is_number(address);
}

/// A destination by itself, whatever PDU names it.
inline Status check_destination(std::uint8_t ton, std::uint8_t npi, std::string_view address,
                                const QuirkOptions& quirks) {
  if (!destination_is_sound(ton, address)) return Status::ESME_RINVDSTADR;
  if (quirks.strict_ton_npi) [[unlikely]] {
    if (!ton_is_defined(ton)) return Status::ESME_RINVDSTTON;
    if (!npi_is_defined(npi)) return Status::ESME_RINVDSTNPI;
  }
  return Status::ESME_ROK;
}

/// What holds for every message a client submits, whatever PDU carries it, beyond the rows and the
/// destination. `source_addr` is shortened where the account has it so. `text` is the user data.
inline Status check_message(ShortMessage& pdu, Octets text, const QuirkOptions& quirks) {
  if (pdu.source_addr.size() > quirks.source_addr_max) [[unlikely]] {
    if (quirks.source_too_long == SourceTooLong::refuse) return Status::ESME_RINVSRCADR;
    if (quirks.source_too_long == SourceTooLong::truncate)
      pdu.source_addr = pdu.source_addr.substr(0, quirks.source_addr_max);
  }
  if (!pdu.schedule_delivery_time.empty()) [[unlikely]] {
    if (quirks.scheduled_delivery == ScheduledDelivery::refuse) return Status::ESME_RINVSCHED;
    if (quirks.scheduled_delivery == ScheduledDelivery::ignore) pdu.schedule_delivery_time = {};
  }
  const std::uint8_t message_type = (pdu.esm_class >> 2) & 0x0F;
  if (message_type != 0 && message_type != 2 && message_type != 4) return Status::ESME_RINVESMCLASS;
  if (quirks.strict_ton_npi) {
    if (!ton_is_defined(pdu.source_addr_ton)) return Status::ESME_RINVSRCTON;
    if (!npi_is_defined(pdu.source_addr_npi)) return Status::ESME_RINVSRCNPI;
  }
  if (!data_coding_is_defined(pdu.data_coding) && !quirks.lenient_data_coding) [[unlikely]]
    return Status::ESME_RINVDCS;
  if ((pdu.esm_class & esm_class_udhi) != 0 && !parse_udh(text).sound)
    return Status::ESME_RINVESMCLASS;
  return Status::ESME_ROK;
}

/// Finds the user data of a submit_sm or submit_multi. `tlvs` has passed check_tlvs.
inline Status find_text(const ShortMessage& pdu, Octets tlvs, std::uint8_t interface_version,
                        const QuirkOptions& quirks, Octets& text) {
  if (pdu.short_message.size() > short_message_max && interface_version < 0x50)
    return Status::ESME_RINVMSGLEN;
  const std::uint8_t* data = pdu.short_message.data();
  // Keeps the compiler from joining the two halves into one load, which would have to wait for the
  // two stores that have just written them.
  asm("" : "+r"(data));
  text = Octets(data, pdu.short_message.size());
  if (quirks.strip_trailing_nul && !text.empty() && text.back() == 0)
    text = text.first(text.size() - 1);
  if (tlvs.empty()) return Status::ESME_ROK;
  if (const auto payload = find_tlv(tlvs, Tag::message_payload)) {
    // 5.0 lets message_payload supersede; 3.4 forbids both at once.
    if (!pdu.short_message.empty() && interface_version < 0x50) return Status::ESME_RTLVNOTALLWD;
    text = *payload;
  }
  return Status::ESME_ROK;
}

/// Everything about a decoded submit_sm beyond its rows, in the order of its fields. `tlvs` has
/// passed check_tlvs. `text` is set to the user data: short_message, or message_payload where that
/// is used.
inline Status check_submit(ShortMessage& pdu, Octets tlvs, std::uint8_t interface_version,
                           const QuirkOptions& quirks, std::int64_t wall_s, Octets& text) {
  Status status =
      check_destination(pdu.dest_addr_ton, pdu.dest_addr_npi, pdu.destination_addr, quirks);
  if (status == Status::ESME_ROK)
    status = check_times(pdu.schedule_delivery_time, pdu.validity_period, wall_s);
  if (status == Status::ESME_ROK) status = find_text(pdu, tlvs, interface_version, quirks, text);
  if (status == Status::ESME_ROK) status = check_message(pdu, text, quirks);
  return status;
}

}  // namespace ringgate::smpp
