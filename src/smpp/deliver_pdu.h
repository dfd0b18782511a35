// Content as deliver_sm (5.0 §4.3.1) and submit_sm (5.0 §4.2.1), whole PDUs.
#pragma once

#include <ringgate/message.h>

#include "smpp/pdu.h"

namespace ringgate::smpp {

inline bool deliver_fits(const Content& message, std::uint8_t interface_version) {
  return interface_version >= 0x34 || message.text.size() <= short_message_max;
}

/// Upper bound of what write_deliver() writes, header included.
inline std::size_t deliver_pdu_max(const Content& message) {
  constexpr std::size_t fixed = 128;
  return fixed + message.text.size() + message.tlvs.size();
}

/// Writes the whole deliver_sm to `to` (deliver_pdu_max octets); returns its size. Only for a
/// message that fits, and has nothing that a deliver_sm has no place for. Peers below 3.4 get no
/// TLVs.
std::size_t write_deliver(const Content& message, std::uint8_t interface_version,
                          std::uint32_t sequence_number, std::uint8_t* to);

/// The same for a submit_sm, of what is_submittable().
std::size_t write_submit(const Content& message, std::uint8_t interface_version,
                         std::uint32_t sequence_number, std::uint8_t* to);

/// Whether a submit_sm to a peer of that version can say this at all.
bool is_submittable(const Content& message, std::uint8_t interface_version);

}  // namespace ringgate::smpp
