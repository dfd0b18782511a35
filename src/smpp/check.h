// Rules for submit_sm and deliver_sm that no single row can state (facts of 5.0 §4.2.1 and §4.7).
#pragma once

#include <cstring>

#include "smpp/pdu.h"
#include "smpp/tlv.h"
#include "text/smpp_time.h"

namespace ringgate::smpp {

namespace ton {
inline constexpr std::uint8_t alphanumeric = 5;
}

inline constexpr std::uint8_t esm_class_udhi = 0x40;

/// command_status for a decoding verdict: a body that ends too early is ESME_RINVCMDLEN, anything
/// else is the field's own.
template <class M>
constexpr Status status_of(wire::Verdict verdict) {
  if (verdict.fault == wire::Fault::none) return Status::ESME_ROK;
  if (verdict.fault == wire::Fault::truncated) return Status::ESME_RINVCMDLEN;
  return M::fields[verdict.field].error;
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

/// UDH structure: the length octet and every element must lie inside the text (A22). Unknown
/// elements pass.
inline bool udh_is_sound(Octets text) {
  if (text.empty()) return false;
  const std::size_t udhl = text[0];
  if (udhl + 1 > text.size()) return false;
  std::size_t at = 1;
  while (at < udhl + 1) {
    if (at + 2 > udhl + 1) return false;
    at += 2u + text[at + 1];
  }
  return at == udhl + 1 && udhl != 0;
}

/// data_coding values that 5.0 §4.7.7 defines, or that the general groups of 3GPP TS 23.038
/// (0x10-0x7F) do: SMPP reserves those, but clients use them for flash messages.
constexpr bool data_coding_is_defined(std::uint8_t data_coding) {
  if (data_coding < 0x10) return data_coding != 11 && data_coding != 12 && data_coding != 15;
  return data_coding < 0x80 || (data_coding >= 0xC0 && data_coding < 0xE0) || data_coding >= 0xF0;
}

/// Everything about a decoded submit_sm beyond its rows, in the order of its fields. `tlvs` has
/// passed check_tlvs. `text` is set to the user data: short_message, or message_payload where that
/// is used.
inline Status check_submit(const ShortMessage& pdu, Octets tlvs, std::uint8_t interface_version,
                           std::int64_t wall_s, Octets& text) {
  if (pdu.dest_addr_ton == ton::alphanumeric ? pdu.destination_addr.empty()
                                             : !is_number(pdu.destination_addr))
    return Status::ESME_RINVDSTADR;
  const std::uint8_t message_type = (pdu.esm_class >> 2) & 0x0F;
  if (message_type != 0 && message_type != 2 && message_type != 4) return Status::ESME_RINVESMCLASS;
  if (!data_coding_is_defined(pdu.data_coding)) return Status::ESME_RINVDCS;
  if (!pdu.schedule_delivery_time.empty()) {
    const auto at = parse_smpp_time(pdu.schedule_delivery_time, wall_s);
    if (!at || *at < wall_s) return Status::ESME_RINVSCHED;
  }
  if (!pdu.validity_period.empty()) {
    const auto at = parse_smpp_time(pdu.validity_period, wall_s);
    if (!at || *at < wall_s) return Status::ESME_RINVEXPIRY;
  }
  if (pdu.short_message.size() > 254 && interface_version < 0x50) return Status::ESME_RINVMSGLEN;
  text = pdu.short_message;
  if (!tlvs.empty()) {
    if (const auto payload = find_tlv(tlvs, Tag::message_payload)) {
      // 5.0 lets message_payload supersede; 3.4 forbids both at once.
      if (!pdu.short_message.empty() && interface_version < 0x50) return Status::ESME_RTLVNOTALLWD;
      text = *payload;
    }
  }
  if ((pdu.esm_class & esm_class_udhi) != 0 && !udh_is_sound(text))
    return Status::ESME_RINVESMCLASS;
  return Status::ESME_ROK;
}

}  // namespace ringgate::smpp
