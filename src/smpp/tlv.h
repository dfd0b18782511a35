// TLVs: one row per tag of SMPP 5.0 §4.8.4 (3.4 §5.3.2).
#pragma once

#include <span>

#include "wire/keyed.h"

namespace ringgate::smpp {

enum class Tag : std::uint16_t {
  source_port = 0x020A,
  dest_port = 0x020B,
  sar_msg_ref_num = 0x020C,
  sar_total_segments = 0x020E,
  sar_segment_seqnum = 0x020F,
  user_message_reference = 0x0204,
  sc_interface_version = 0x0210,
  receipted_message_id = 0x001E,
  network_error_code = 0x0423,
  message_payload = 0x0424,
  message_state = 0x0427,
  congestion_state = 0x0428,
  set_dpf = 0x0421,
  ms_availability_status = 0x0422,
  broadcast_content_type = 0x0601,
  broadcast_rep_num = 0x0604,
  broadcast_frequency_interval = 0x0605,
  broadcast_area_identifier = 0x0606,
  broadcast_area_success = 0x0608,
};

/// All rows, sorted by tag.
std::span<const wire::KeyedField> tlv_rows();

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
