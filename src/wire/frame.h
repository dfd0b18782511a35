// SMPP framing: command_length counts the whole PDU, header included (5.0 §3.2.1).
#pragma once

#include "base/units.h"
#include "wire/field.h"

namespace ringgate::wire {

inline constexpr std::uint32_t pdu_header_size = 16;

enum class FrameState : std::uint8_t { partial, whole, lost };

struct Frame {
  FrameState state = FrameState::partial;
  std::uint32_t size = 0;  ///< of the whole PDU, once four octets are there; 0 before
};

/// Looks at the head of `octets`. `lost` as soon as the length is impossible, before any of the
/// body has arrived.
[[gnu::always_inline]] inline Frame next_frame(Octets octets, std::uint32_t pdu_size_max) {
  if (octets.size() < 4) return {};
  const std::uint32_t size = load_be32(octets.data());
  if (size < pdu_header_size || size > pdu_size_max) return {FrameState::lost, size};
  return {octets.size() < size ? FrameState::partial : FrameState::whole, size};
}

/// What else the octets may be that cannot be a PDU's: "HTTP", "TLS", "SSH", or empty. For the log:
/// most strangers are port scanners and misconfigured clients.
std::string_view foreign_protocol(Octets head);

}  // namespace ringgate::wire
