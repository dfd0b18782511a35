// Protocol-neutral messages: what a backend sees, whatever protocol the client speaks.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include <ringgate/status.h>
#include <ringgate/types.h>

namespace ringgate {

/// Names one accepted message for its whole life. Unique over shards, nodes and restarts:
/// node (8 bits), shard (8 bits), sequence (48 bits, begun from the wall clock at start).
struct MessageId {
  std::uint64_t value = 0;
  friend bool operator==(MessageId, MessageId) = default;
};

/// 16 lower-case hexadecimal digits: the form in submit_sm_resp and receipts.
using MessageIdText = std::array<char, 16>;
MessageIdText to_text(MessageId id);

/// Handle by which a backend speaks of a submit: valid from on_submits until the message ends (a
/// failed answer, an answer when no receipt is owed, or a final outcome). A late use is recognised
/// and ignored.
struct Ticket {
  std::uint32_t slot = 0;
  std::uint16_t generation = 0;
  std::uint16_t shard = 0;
  friend bool operator==(Ticket, Ticket) = default;
};

/// An address as the client wrote it. `text` borrows.
struct Address {
  std::uint8_t ton = 0;
  std::uint8_t npi = 0;
  std::string_view text;
};

/// Which outcomes the client wants a receipt for (registered_delivery bits 1-0; 5.0 §4.7.21).
enum class ReceiptWish : std::uint8_t { none = 0, always = 1, on_failure = 2, on_success = 3 };

/// message_state of SMPP 5.0 §4.7.15.
enum class MessageState : std::uint8_t {
  scheduled = 0,
  enroute = 1,
  delivered = 2,
  expired = 3,
  deleted = 4,
  undeliverable = 5,
  accepted = 6,
  unknown = 7,
  rejected = 8,
  skipped = 9,
};

/// True for states after which nothing more happens to a message. UNKNOWN is final for a receipt's
/// purpose: a backend that reports it has lost track.
constexpr bool is_final(MessageState state) {
  return state != MessageState::scheduled && state != MessageState::enroute;
}

/// One message a client has submitted. Every view borrows and is good until on_submits returns.
struct Submit {
  Ticket ticket;
  MessageId id;
  std::string_view system_id;  ///< the account
  std::string_view service_type;
  Address source;
  Address destination;
  std::uint8_t esm_class = 0;
  std::uint8_t protocol_id = 0;
  std::uint8_t priority_flag = 0;
  std::uint8_t data_coding = 0;
  std::uint8_t replace_if_present_flag = 0;
  std::uint8_t sm_default_msg_id = 0;
  ReceiptWish receipt = ReceiptWish::none;
  bool intermediate = false;  ///< intermediate notifications wanted as well
  std::string_view schedule_delivery_time;
  std::string_view validity_period;
  Octets text;  ///< short_message, or message_payload where that was used; UDH still in front
  Octets tlvs;  ///< the TLV part as it came, already checked
};

/// What became of a message.
struct Outcome {
  MessageState state = MessageState::delivered;
  std::uint16_t error = 0;  ///< 0-999, printed as err:NNN in the receipt
};

/// How a receipt or MO ended.
enum class DeliverResult : std::uint8_t {
  delivered,  ///< deliver_sm_resp ESME_ROK
  refused,    ///< the client said never (RX_R_APPN, RX_P_APPN)
  expired,    ///< no bind took it in time
};

}  // namespace ringgate
