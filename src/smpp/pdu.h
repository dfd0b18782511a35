// Bodies of the PDUs this build serves: a plain struct and its rows (5.0 §4.1-4.3).
#pragma once

#include <array>
#include <cstddef>

#include "wire/positional.h"

namespace ringgate::smpp {

using wire::Field;
using wire::Kind;

/// command_status for a decoding verdict: a body that ends too early is ESME_RINVCMDLEN, anything
/// else is the field's own.
constexpr Status status_of(wire::Verdict verdict, std::span<const Field> rows) {
  if (verdict.fault == wire::Fault::none) return Status::ESME_ROK;
  if (verdict.fault == wire::Fault::truncated) return Status::ESME_RINVCMDLEN;
  return rows[verdict.field].error;
}
template <class M>
constexpr Status status_of(wire::Verdict verdict) {
  return status_of(verdict, M::fields);
}

/// The most octets that short_message holds in every version (5.0 allows one more); a longer text
/// needs message_payload, which peers below 3.4 do not know.
inline constexpr std::size_t short_message_max = 254;

struct Header {
  std::uint32_t command_length = 0;
  std::uint32_t command_id = 0;
  std::uint32_t command_status = 0;
  std::uint32_t sequence_number = 0;
};

inline Header read_header(const std::uint8_t* at) {
  return {load_be32(at), load_be32(at + 4), load_be32(at + 8), load_be32(at + 12)};
}

inline std::uint8_t* write_header(std::uint8_t* to, std::uint32_t command_length,
                                  std::uint32_t command_id, std::uint32_t command_status,
                                  std::uint32_t sequence_number) {
  store_be32(to, command_length);
  store_be32(to + 4, command_id);
  store_be32(to + 8, command_status);
  store_be32(to + 12, sequence_number);
  return to + 16;
}

/// bind_transmitter, bind_receiver, bind_transceiver (5.0 §4.1.1).
struct Bind {
  std::string_view system_id;
  std::string_view password;
  std::string_view system_type;
  std::uint8_t interface_version = 0x34;
  std::uint8_t addr_ton = 0;
  std::uint8_t addr_npi = 0;
  std::string_view address_range;
  static const std::array<Field, 7> fields;
  /// For clients that send longer passwords than the specification has.
  static const std::array<Field, 7> lenient_fields;
};
inline constexpr std::array<Field, 7> Bind::fields{{
    RINGGATE_FIELD(Bind, system_id, c_string, 16, ESME_RINVSYSID),
    RINGGATE_FIELD(Bind, password, c_string, 9, ESME_RINVPASWD),
    RINGGATE_FIELD(Bind, system_type, c_string, 13, ESME_RINVSYSTYP),
    RINGGATE_FIELD(Bind, interface_version, u8, 255, ESME_RBINDFAIL),
    RINGGATE_FIELD(Bind, addr_ton, u8, 255, ESME_RBINDFAIL),
    RINGGATE_FIELD(Bind, addr_npi, u8, 255, ESME_RBINDFAIL),
    RINGGATE_FIELD(Bind, address_range, c_string, 41, ESME_RBINDFAIL),
}};
static_assert(wire::rows_cover<Bind>());
inline constexpr std::array<Field, 7> Bind::lenient_fields = [] {
  std::array<Field, 7> out = Bind::fields;
  for (Field& field : out)
    if (field.name == "password") field.limit = 65;
  return out;
}();

/// Responses to the three binds (5.0 §4.1.2). TLV sc_interface_version follows.
struct BindResp {
  std::string_view system_id;
  static const std::array<Field, 1> fields;
};
inline constexpr std::array<Field, 1> BindResp::fields{{
    RINGGATE_FIELD(BindResp, system_id, c_string, 16, ESME_RINVSYSID),
}};
static_assert(wire::rows_cover<BindResp>());

/// submit_sm and deliver_sm, which share their body (5.0 §4.2.1, §4.3.1). sm_length is the count of
/// short_message.
struct ShortMessage {
  std::string_view service_type;
  std::string_view source_addr;
  std::string_view destination_addr;
  std::string_view schedule_delivery_time;
  std::string_view validity_period;
  Octets short_message;
  std::uint8_t source_addr_ton = 0;
  std::uint8_t source_addr_npi = 0;
  std::uint8_t dest_addr_ton = 0;
  std::uint8_t dest_addr_npi = 0;
  std::uint8_t esm_class = 0;
  std::uint8_t protocol_id = 0;
  std::uint8_t priority_flag = 0;
  std::uint8_t registered_delivery = 0;
  std::uint8_t replace_if_present_flag = 0;
  std::uint8_t data_coding = 0;
  std::uint8_t sm_default_msg_id = 0;
  static const std::array<Field, 17> fields;
};
inline constexpr std::array<Field, 17> ShortMessage::fields{{
    RINGGATE_FIELD(ShortMessage, service_type, c_string, 6, ESME_RINVSERTYP),
    RINGGATE_FIELD(ShortMessage, source_addr_ton, u8, 255, ESME_RINVSRCTON),
    RINGGATE_FIELD(ShortMessage, source_addr_npi, u8, 255, ESME_RINVSRCNPI),
    RINGGATE_FIELD(ShortMessage, source_addr, c_string, 21, ESME_RINVSRCADR),
    RINGGATE_FIELD(ShortMessage, dest_addr_ton, u8, 255, ESME_RINVDSTTON),
    RINGGATE_FIELD(ShortMessage, dest_addr_npi, u8, 255, ESME_RINVDSTNPI),
    RINGGATE_FIELD(ShortMessage, destination_addr, c_string, 21, ESME_RINVDSTADR),
    RINGGATE_FIELD(ShortMessage, esm_class, u8, 255, ESME_RINVESMCLASS),
    RINGGATE_FIELD(ShortMessage, protocol_id, u8, 255, ESME_RSYSERR),
    RINGGATE_FIELD(ShortMessage, priority_flag, u8, 3, ESME_RINVPRTFLG),
    RINGGATE_FIELD(ShortMessage, schedule_delivery_time, time, 17, ESME_RINVSCHED),
    RINGGATE_FIELD(ShortMessage, validity_period, time, 17, ESME_RINVEXPIRY),
    RINGGATE_FIELD(ShortMessage, registered_delivery, u8, 0x1F, ESME_RINVREGDLVFLG),
    RINGGATE_FIELD(ShortMessage, replace_if_present_flag, u8, 1, ESME_RINVREPFLAG),
    RINGGATE_FIELD(ShortMessage, data_coding, u8, 255, ESME_RINVDCS),
    RINGGATE_FIELD(ShortMessage, sm_default_msg_id, u8, 255, ESME_RINVDFTMSGID),
    RINGGATE_FIELD(ShortMessage, short_message, counted8, 255, ESME_RINVMSGLEN),
}};
static_assert(wire::rows_cover<ShortMessage>());

/// submit_sm_resp and deliver_sm_resp (5.0 §4.2.2, §4.3.2).
struct MessageIdResp {
  std::string_view message_id;
  static const std::array<Field, 1> fields;
};
inline constexpr std::array<Field, 1> MessageIdResp::fields{{
    RINGGATE_FIELD(MessageIdResp, message_id, c_string, 65, ESME_RINVMSGID),
}};
static_assert(wire::rows_cover<MessageIdResp>());

}  // namespace ringgate::smpp
