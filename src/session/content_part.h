// What the TLVs of a message say of its text: that it is a part of a longer one, or one of them.
#pragma once

#include <optional>
#include <vector>

#include <ringgate/message.h>

namespace ringgate {

/// By which the parts of one long message know each other.
struct PartOf {
  std::uint16_t reference = 0;
  bool wide_reference = false;  ///< of 16 bits
  std::uint8_t total = 0;
  std::uint8_t sequence = 0;  ///< from 1
};

/// By a UDH (3GPP TS 23.040 §9.2.3.24) or the three sar_* TLVs: all of them and sound, or as if
/// none were there (5.0 §4.8.4.48). Empty for what is no part.
std::optional<PartOf> part_of(const Content& content);

/// The value of the first parameter with that tag.
std::optional<Octets> find_parameter(Octets tlvs, std::uint16_t tag);
/// The value of message_payload; empty if there is none.
Octets payload_of(Octets tlvs);
/// A copy of the TLVs that has no message_payload.
std::vector<std::uint8_t> without_payload(Octets tlvs);

}  // namespace ringgate
