// Bodies of the PDUs beside binds and submit_sm/deliver_sm (5.0 §4.2-4.5): data_sm, submit_multi,
// the ancillary operations, broadcast, and what only the message centre sends.
#pragma once

#include <optional>

#include <ringgate/message.h>

#include "base/assert.h"
#include "smpp/command.h"
#include "smpp/pdu.h"

namespace ringgate::smpp {

/// data_sm (5.0 §4.2.3). The text comes in message_payload; addresses may be 64 characters long.
struct DataSm {
  std::string_view service_type;
  std::string_view source_addr;
  std::string_view destination_addr;
  std::uint8_t source_addr_ton = 0;
  std::uint8_t source_addr_npi = 0;
  std::uint8_t dest_addr_ton = 0;
  std::uint8_t dest_addr_npi = 0;
  std::uint8_t esm_class = 0;
  std::uint8_t registered_delivery = 0;
  std::uint8_t data_coding = 0;
  static const std::array<Field, 10> fields;
};
inline constexpr std::array<Field, 10> DataSm::fields{{
    RINGGATE_FIELD(DataSm, service_type, c_string, 6, ESME_RINVSERTYP),
    RINGGATE_FIELD(DataSm, source_addr_ton, u8, 255, ESME_RINVSRCTON),
    RINGGATE_FIELD(DataSm, source_addr_npi, u8, 255, ESME_RINVSRCNPI),
    RINGGATE_FIELD(DataSm, source_addr, c_string, 65, ESME_RINVSRCADR),
    RINGGATE_FIELD(DataSm, dest_addr_ton, u8, 255, ESME_RINVDSTTON),
    RINGGATE_FIELD(DataSm, dest_addr_npi, u8, 255, ESME_RINVDSTNPI),
    RINGGATE_FIELD(DataSm, destination_addr, c_string, 65, ESME_RINVDSTADR),
    RINGGATE_FIELD(DataSm, esm_class, u8, 255, ESME_RINVESMCLASS),
    RINGGATE_FIELD(DataSm, registered_delivery, u8, 0x1F, ESME_RINVREGDLVFLG),
    RINGGATE_FIELD(DataSm, data_coding, u8, 255, ESME_RINVDCS),
}};
static_assert(wire::rows_cover<DataSm>());

/// query_sm (5.0 §4.5.1), and query_broadcast_sm (§4.4.2), which has the same body.
struct QuerySm {
  std::string_view message_id;
  std::string_view source_addr;
  std::uint8_t source_addr_ton = 0;
  std::uint8_t source_addr_npi = 0;
  static const std::array<Field, 4> fields;
};
inline constexpr std::array<Field, 4> QuerySm::fields{{
    RINGGATE_FIELD(QuerySm, message_id, c_string, 65, ESME_RINVMSGID),
    RINGGATE_FIELD(QuerySm, source_addr_ton, u8, 255, ESME_RINVSRCTON),
    RINGGATE_FIELD(QuerySm, source_addr_npi, u8, 255, ESME_RINVSRCNPI),
    RINGGATE_FIELD(QuerySm, source_addr, c_string, 21, ESME_RINVSRCADR),
}};
static_assert(wire::rows_cover<QuerySm>());

/// query_sm_resp (5.0 §4.5.2).
struct QuerySmResp {
  std::string_view message_id;
  std::string_view final_date;
  std::uint8_t message_state = 0;
  std::uint8_t error_code = 0;
  static const std::array<Field, 4> fields;
};
inline constexpr std::array<Field, 4> QuerySmResp::fields{{
    RINGGATE_FIELD(QuerySmResp, message_id, c_string, 65, ESME_RINVMSGID),
    RINGGATE_FIELD(QuerySmResp, final_date, time, 17, ESME_RQUERYFAIL),
    RINGGATE_FIELD(QuerySmResp, message_state, u8, 255, ESME_RQUERYFAIL),
    RINGGATE_FIELD(QuerySmResp, error_code, u8, 255, ESME_RQUERYFAIL),
}};
static_assert(wire::rows_cover<QuerySmResp>());

/// cancel_sm (5.0 §4.5.3).
struct CancelSm {
  std::string_view service_type;
  std::string_view message_id;
  std::string_view source_addr;
  std::string_view destination_addr;
  std::uint8_t source_addr_ton = 0;
  std::uint8_t source_addr_npi = 0;
  std::uint8_t dest_addr_ton = 0;
  std::uint8_t dest_addr_npi = 0;
  static const std::array<Field, 8> fields;
};
inline constexpr std::array<Field, 8> CancelSm::fields{{
    RINGGATE_FIELD(CancelSm, service_type, c_string, 6, ESME_RINVSERTYP),
    RINGGATE_FIELD(CancelSm, message_id, c_string, 65, ESME_RINVMSGID),
    RINGGATE_FIELD(CancelSm, source_addr_ton, u8, 255, ESME_RINVSRCTON),
    RINGGATE_FIELD(CancelSm, source_addr_npi, u8, 255, ESME_RINVSRCNPI),
    RINGGATE_FIELD(CancelSm, source_addr, c_string, 21, ESME_RINVSRCADR),
    RINGGATE_FIELD(CancelSm, dest_addr_ton, u8, 255, ESME_RINVDSTTON),
    RINGGATE_FIELD(CancelSm, dest_addr_npi, u8, 255, ESME_RINVDSTNPI),
    RINGGATE_FIELD(CancelSm, destination_addr, c_string, 21, ESME_RINVDSTADR),
}};
static_assert(wire::rows_cover<CancelSm>());

/// replace_sm (5.0 §4.5.5).
struct ReplaceSm {
  std::string_view message_id;
  std::string_view source_addr;
  std::string_view schedule_delivery_time;
  std::string_view validity_period;
  Octets short_message;
  std::uint8_t source_addr_ton = 0;
  std::uint8_t source_addr_npi = 0;
  std::uint8_t registered_delivery = 0;
  std::uint8_t sm_default_msg_id = 0;
  static const std::array<Field, 9> fields;
};
inline constexpr std::array<Field, 9> ReplaceSm::fields{{
    RINGGATE_FIELD(ReplaceSm, message_id, c_string, 65, ESME_RINVMSGID),
    RINGGATE_FIELD(ReplaceSm, source_addr_ton, u8, 255, ESME_RINVSRCTON),
    RINGGATE_FIELD(ReplaceSm, source_addr_npi, u8, 255, ESME_RINVSRCNPI),
    RINGGATE_FIELD(ReplaceSm, source_addr, c_string, 21, ESME_RINVSRCADR),
    RINGGATE_FIELD(ReplaceSm, schedule_delivery_time, time, 17, ESME_RINVSCHED),
    RINGGATE_FIELD(ReplaceSm, validity_period, time, 17, ESME_RINVEXPIRY),
    RINGGATE_FIELD(ReplaceSm, registered_delivery, u8, 0x1F, ESME_RINVREGDLVFLG),
    RINGGATE_FIELD(ReplaceSm, sm_default_msg_id, u8, 255, ESME_RINVDFTMSGID),
    RINGGATE_FIELD(ReplaceSm, short_message, counted8, 255, ESME_RINVMSGLEN),
}};
static_assert(wire::rows_cover<ReplaceSm>());

/// Which PDU asks for which operation.
struct OperationRow {
  Command command;
  OperationKind operation;
};
inline constexpr OperationRow operation_rows[] = {
    {Command::query_sm, OperationKind::query},
    {Command::cancel_sm, OperationKind::cancel},
    {Command::replace_sm, OperationKind::replace},
    {Command::broadcast_sm, OperationKind::broadcast},
    {Command::query_broadcast_sm, OperationKind::query_broadcast},
    {Command::cancel_broadcast_sm, OperationKind::cancel_broadcast},
};
constexpr std::optional<OperationKind> operation_of(Command command) {
  for (const OperationRow& row : operation_rows)
    if (row.command == command) return row.operation;
  return std::nullopt;
}
constexpr Command command_of(OperationKind operation) {
  for (const OperationRow& row : operation_rows)
    if (row.operation == operation) return row.command;
  UNREACHABLE();
}

// submit_multi (5.0 §4.2.4): the entries of its list.

inline constexpr std::uint8_t dest_flag_sme_address = 1;
inline constexpr std::uint8_t dest_flag_distribution_list = 2;

/// One entry of dest_address[] (5.0 §4.2.4.1) with dest_flag 1; unsuccess_sme begins the same way.
struct DestAddress {
  std::string_view destination_addr;
  std::uint8_t dest_addr_ton = 0;
  std::uint8_t dest_addr_npi = 0;
  static const std::array<Field, 3> fields;
};
inline constexpr std::array<Field, 3> DestAddress::fields{{
    RINGGATE_FIELD(DestAddress, dest_addr_ton, u8, 255, ESME_RINVDSTTON),
    RINGGATE_FIELD(DestAddress, dest_addr_npi, u8, 255, ESME_RINVDSTNPI),
    RINGGATE_FIELD(DestAddress, destination_addr, c_string, 21, ESME_RINVDSTADR),
}};
static_assert(wire::rows_cover<DestAddress>());

/// One entry of dest_address[] with dest_flag 2.
struct DistributionList {
  std::string_view dl_name;
  static const std::array<Field, 1> fields;
};
inline constexpr std::array<Field, 1> DistributionList::fields{{
    RINGGATE_FIELD(DistributionList, dl_name, c_string, 21, ESME_RINVDLNAME),
}};
static_assert(wire::rows_cover<DistributionList>());

/// One entry of unsuccess_sme[] (5.0 §4.2.5.1).
struct UnsuccessSme {
  std::string_view destination_addr;
  std::uint32_t error_status_code = 0;
  std::uint8_t dest_addr_ton = 0;
  std::uint8_t dest_addr_npi = 0;
  static const std::array<Field, 4> fields;
};
inline constexpr std::array<Field, 4> UnsuccessSme::fields{{
    RINGGATE_FIELD(UnsuccessSme, dest_addr_ton, u8, 255, ESME_RINVDSTTON),
    RINGGATE_FIELD(UnsuccessSme, dest_addr_npi, u8, 255, ESME_RINVDSTNPI),
    RINGGATE_FIELD(UnsuccessSme, destination_addr, c_string, 21, ESME_RINVDSTADR),
    RINGGATE_FIELD(UnsuccessSme, error_status_code, u32, 0, ESME_RSYSERR),
}};
static_assert(wire::rows_cover<UnsuccessSme>());

/// submit_multi_resp (5.0 §4.2.5); no_unsuccess entries of UnsuccessSme follow.
struct SubmitMultiResp {
  std::string_view message_id;
  std::uint8_t no_unsuccess = 0;
  static const std::array<Field, 2> fields;
};
inline constexpr std::array<Field, 2> SubmitMultiResp::fields{{
    RINGGATE_FIELD(SubmitMultiResp, message_id, c_string, 65, ESME_RINVMSGID),
    RINGGATE_FIELD(SubmitMultiResp, no_unsuccess, u8, 255, ESME_RINVNUMDESTS),
}};
static_assert(wire::rows_cover<SubmitMultiResp>());

/// broadcast_sm (5.0 §4.4.1). Area, content type, repeat count and interval come as TLVs.
struct BroadcastSm {
  std::string_view service_type;
  std::string_view source_addr;
  std::string_view message_id;
  std::string_view schedule_delivery_time;
  std::string_view validity_period;
  std::uint8_t source_addr_ton = 0;
  std::uint8_t source_addr_npi = 0;
  std::uint8_t priority_flag = 0;
  std::uint8_t replace_if_present_flag = 0;
  std::uint8_t data_coding = 0;
  std::uint8_t sm_default_msg_id = 0;
  static const std::array<Field, 11> fields;
};
inline constexpr std::array<Field, 11> BroadcastSm::fields{{
    RINGGATE_FIELD(BroadcastSm, service_type, c_string, 6, ESME_RINVSERTYP),
    RINGGATE_FIELD(BroadcastSm, source_addr_ton, u8, 255, ESME_RINVSRCTON),
    RINGGATE_FIELD(BroadcastSm, source_addr_npi, u8, 255, ESME_RINVSRCNPI),
    RINGGATE_FIELD(BroadcastSm, source_addr, c_string, 21, ESME_RINVSRCADR),
    RINGGATE_FIELD(BroadcastSm, message_id, c_string, 65, ESME_RINVMSGID),
    RINGGATE_FIELD(BroadcastSm, priority_flag, u8, 4, ESME_RINVPRTFLG),
    RINGGATE_FIELD(BroadcastSm, schedule_delivery_time, time, 17, ESME_RINVSCHED),
    RINGGATE_FIELD(BroadcastSm, validity_period, time, 17, ESME_RINVEXPIRY),
    RINGGATE_FIELD(BroadcastSm, replace_if_present_flag, u8, 1, ESME_RINVREPFLAG),
    RINGGATE_FIELD(BroadcastSm, data_coding, u8, 255, ESME_RINVDCS),
    RINGGATE_FIELD(BroadcastSm, sm_default_msg_id, u8, 255, ESME_RINVDFTMSGID),
}};
static_assert(wire::rows_cover<BroadcastSm>());

/// cancel_broadcast_sm (5.0 §4.4.3).
struct CancelBroadcastSm {
  std::string_view service_type;
  std::string_view message_id;
  std::string_view source_addr;
  std::uint8_t source_addr_ton = 0;
  std::uint8_t source_addr_npi = 0;
  static const std::array<Field, 5> fields;
};
inline constexpr std::array<Field, 5> CancelBroadcastSm::fields{{
    RINGGATE_FIELD(CancelBroadcastSm, service_type, c_string, 6, ESME_RINVSERTYP),
    RINGGATE_FIELD(CancelBroadcastSm, message_id, c_string, 65, ESME_RINVMSGID),
    RINGGATE_FIELD(CancelBroadcastSm, source_addr_ton, u8, 255, ESME_RINVSRCTON),
    RINGGATE_FIELD(CancelBroadcastSm, source_addr_npi, u8, 255, ESME_RINVSRCNPI),
    RINGGATE_FIELD(CancelBroadcastSm, source_addr, c_string, 21, ESME_RINVSRCADR),
}};
static_assert(wire::rows_cover<CancelBroadcastSm>());

/// outbind (5.0 §4.1.7).
struct Outbind {
  std::string_view system_id;
  std::string_view password;
  static const std::array<Field, 2> fields;
};
inline constexpr std::array<Field, 2> Outbind::fields{{
    RINGGATE_FIELD(Outbind, system_id, c_string, 16, ESME_RINVSYSID),
    RINGGATE_FIELD(Outbind, password, c_string, 9, ESME_RINVPASWD),
}};
static_assert(wire::rows_cover<Outbind>());

/// alert_notification (5.0 §4.1.9).
struct AlertNotification {
  std::string_view source_addr;
  std::string_view esme_addr;
  std::uint8_t source_addr_ton = 0;
  std::uint8_t source_addr_npi = 0;
  std::uint8_t esme_addr_ton = 0;
  std::uint8_t esme_addr_npi = 0;
  static const std::array<Field, 6> fields;
};
inline constexpr std::array<Field, 6> AlertNotification::fields{{
    RINGGATE_FIELD(AlertNotification, source_addr_ton, u8, 255, ESME_RINVSRCTON),
    RINGGATE_FIELD(AlertNotification, source_addr_npi, u8, 255, ESME_RINVSRCNPI),
    RINGGATE_FIELD(AlertNotification, source_addr, c_string, 65, ESME_RINVSRCADR),
    RINGGATE_FIELD(AlertNotification, esme_addr_ton, u8, 255, ESME_RINVDSTTON),
    RINGGATE_FIELD(AlertNotification, esme_addr_npi, u8, 255, ESME_RINVDSTNPI),
    RINGGATE_FIELD(AlertNotification, esme_addr, c_string, 65, ESME_RINVDSTADR),
}};
static_assert(wire::rows_cover<AlertNotification>());

}  // namespace ringgate::smpp
