// TLVs: one row per tag of SMPP 5.0 §4.8.4 (3.4 §5.3.2).
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

#include "wire/keyed.h"

namespace ringgate::smpp {

/// All of them, sorted by tag. Where 3.4 and 5.0 give different lengths, the wider range stands: a
/// server that refused the other one's would be right by one document and wrong by the next.
inline constexpr auto tlv_rows = [] {
  using wire::KeyedField;
  constexpr auto integer = wire::KeyedKind::integer;
  constexpr auto octets = wire::KeyedKind::octets;
  constexpr auto c_string = wire::KeyedKind::c_string;
  return std::array{
      KeyedField{0x0005, "dest_addr_subunit", integer, 1, 1, 0x34},
      KeyedField{0x0006, "dest_network_type", integer, 1, 1, 0x34},
      KeyedField{0x0007, "dest_bearer_type", integer, 1, 1, 0x34},
      KeyedField{0x0008, "dest_telematics_id", integer, 2, 2, 0x34},
      KeyedField{0x000D, "source_addr_subunit", integer, 1, 1, 0x34},
      KeyedField{0x000E, "source_network_type", integer, 1, 1, 0x34},
      KeyedField{0x000F, "source_bearer_type", integer, 1, 1, 0x34},
      KeyedField{0x0010, "source_telematics_id", integer, 1, 1, 0x34},
      KeyedField{0x0017, "qos_time_to_live", integer, 4, 4, 0x34},
      KeyedField{0x0019, "payload_type", integer, 1, 1, 0x34},
      KeyedField{0x001D, "additional_status_info_text", c_string, 1, 256, 0x34},
      KeyedField{0x001E, "receipted_message_id", c_string, 1, 65, 0x34},
      KeyedField{0x0030, "ms_msg_wait_facilities", integer, 1, 1, 0x34},
      KeyedField{0x0201, "privacy_indicator", integer, 1, 1, 0x34},
      KeyedField{0x0202, "source_subaddress", octets, 2, 23, 0x34},
      KeyedField{0x0203, "dest_subaddress", octets, 2, 23, 0x34},
      KeyedField{0x0204, "user_message_reference", integer, 2, 2, 0x34},
      KeyedField{0x0205, "user_response_code", integer, 1, 1, 0x34},
      KeyedField{0x020A, "source_port", integer, 2, 2, 0x34},
      KeyedField{0x020B, "dest_port", integer, 2, 2, 0x34},
      KeyedField{0x020C, "sar_msg_ref_num", integer, 2, 2, 0x34},
      KeyedField{0x020D, "language_indicator", integer, 1, 1, 0x34},
      KeyedField{0x020E, "sar_total_segments", integer, 1, 1, 0x34},
      KeyedField{0x020F, "sar_segment_seqnum", integer, 1, 1, 0x34},
      KeyedField{0x0210, "sc_interface_version", integer, 1, 1, 0x34},
      KeyedField{0x0302, "callback_num_pres_ind", integer, 1, 1, 0x34, true},
      KeyedField{0x0303, "callback_num_atag", octets, 0, 65, 0x34, true},
      KeyedField{0x0304, "number_of_messages", integer, 1, 1, 0x34},
      KeyedField{0x0381, "callback_num", octets, 4, 19, 0x34, true},
      KeyedField{0x0420, "dpf_result", integer, 1, 1, 0x34},
      KeyedField{0x0421, "set_dpf", integer, 1, 1, 0x34},
      KeyedField{0x0422, "ms_availability_status", integer, 1, 1, 0x34},
      KeyedField{0x0423, "network_error_code", octets, 3, 3, 0x34},
      KeyedField{0x0424, "message_payload", octets, 0, 65535, 0x34},
      KeyedField{0x0425, "delivery_failure_reason", integer, 1, 1, 0x34},
      KeyedField{0x0426, "more_messages_to_send", integer, 1, 1, 0x34},
      KeyedField{0x0427, "message_state", integer, 1, 1, 0x34},
      KeyedField{0x0428, "congestion_state", integer, 1, 1, 0x50},
      KeyedField{0x0501, "ussd_service_op", octets, 1, 1, 0x34},
      KeyedField{0x0600, "broadcast_channel_indicator", integer, 1, 1, 0x50},
      KeyedField{0x0601, "broadcast_content_type", octets, 3, 3, 0x50},
      KeyedField{0x0602, "broadcast_content_type_info", octets, 1, 255, 0x50},
      KeyedField{0x0603, "broadcast_message_class", integer, 1, 1, 0x50},
      KeyedField{0x0604, "broadcast_rep_num", integer, 2, 2, 0x50},
      KeyedField{0x0605, "broadcast_frequency_interval", octets, 3, 3, 0x50},
      KeyedField{0x0606, "broadcast_area_identifier", octets, 1, 101, 0x50, true},
      KeyedField{0x0607, "broadcast_error_status", integer, 4, 4, 0x50, true},
      KeyedField{0x0608, "broadcast_area_success", integer, 1, 1, 0x50},
      KeyedField{0x0609, "broadcast_end_time", c_string, 16, 17, 0x50},
      KeyedField{0x060A, "broadcast_service_group", octets, 1, 255, 0x50},
      KeyedField{0x060B, "billing_identification", octets, 1, 1024, 0x50},
      KeyedField{0x060D, "source_network_id", c_string, 7, 65, 0x50},
      KeyedField{0x060E, "dest_network_id", c_string, 7, 65, 0x50},
      KeyedField{0x060F, "source_node_id", octets, 6, 6, 0x50},
      KeyedField{0x0610, "dest_node_id", octets, 6, 6, 0x50},
      KeyedField{0x0611, "dest_addr_np_resolution", integer, 1, 1, 0x50},
      KeyedField{0x0612, "dest_addr_np_information", octets, 10, 10, 0x50},
      KeyedField{0x0613, "dest_addr_np_country", octets, 1, 5, 0x50},
      KeyedField{0x1201, "display_time", integer, 1, 1, 0x34},
      KeyedField{0x1203, "sms_signal", integer, 2, 2, 0x34},
      KeyedField{0x1204, "ms_validity", octets, 1, 4, 0x34},
      KeyedField{0x130C, "alert_on_message_delivery", integer, 0, 1, 0x34},
      KeyedField{0x1380, "its_reply_type", integer, 1, 1, 0x34},
      KeyedField{0x1383, "its_session_info", octets, 2, 2, 0x34},
  };
}();
static_assert(tlv_rows.size() == 64);
static_assert(std::is_sorted(tlv_rows.begin(), tlv_rows.end(),
                             [](const wire::KeyedField& a, const wire::KeyedField& b) {
                               return a.tag < b.tag;
                             }));

/// For the constants below: what has no row there has no number.
consteval std::uint16_t tag_named(std::string_view name) {
  for (const wire::KeyedField& row : tlv_rows)
    if (row.name == name) return row.tag;
  throw "no row has that name";
}

/// Those that the code knows by name.
enum class Tag : std::uint16_t {
  source_port = tag_named("source_port"),
  dest_port = tag_named("dest_port"),
  sar_msg_ref_num = tag_named("sar_msg_ref_num"),
  sar_total_segments = tag_named("sar_total_segments"),
  sar_segment_seqnum = tag_named("sar_segment_seqnum"),
  user_message_reference = tag_named("user_message_reference"),
  sc_interface_version = tag_named("sc_interface_version"),
  receipted_message_id = tag_named("receipted_message_id"),
  network_error_code = tag_named("network_error_code"),
  message_payload = tag_named("message_payload"),
  message_state = tag_named("message_state"),
  congestion_state = tag_named("congestion_state"),
  set_dpf = tag_named("set_dpf"),
  ms_availability_status = tag_named("ms_availability_status"),
  broadcast_content_type = tag_named("broadcast_content_type"),
  broadcast_rep_num = tag_named("broadcast_rep_num"),
  broadcast_frequency_interval = tag_named("broadcast_frequency_interval"),
  broadcast_area_identifier = tag_named("broadcast_area_identifier"),
  broadcast_area_success = tag_named("broadcast_area_success"),
};

/// The row of a tag; null for unknown and vendor tags (0x1400-0x3FFF).
const wire::KeyedField* tlv_row(std::uint16_t tag);

/// How many parameters one PDU may carry (A28): more is an attack, not a message.
inline constexpr unsigned tlv_count_max = 256;

/// Checks a whole TLV stream: structure (ESME_RINVTLVSTREAM) and the lengths of known tags
/// (ESME_RINVTLVLEN). Unknown, vendor and misplaced tags pass. `culprit` is set to the tag at
/// fault.
Status check_tlvs(Octets stream, std::uint16_t* culprit = nullptr);

/// First parameter of that tag in a checked stream.
inline std::optional<Octets> find_tlv(Octets stream, Tag tag) {
  return wire::find_keyed(stream, static_cast<std::uint16_t>(tag));
}

}  // namespace ringgate::smpp
