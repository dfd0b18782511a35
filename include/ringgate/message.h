// Protocol-neutral messages: what a backend sees, whatever protocol the client speaks.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include <ringgate/api.h>
#include <ringgate/status.h>
#include <ringgate/types.h>

namespace ringgate {
inline namespace RINGGATE_ABI {

/// Names one accepted message for its whole life. Unique over shards, nodes and restarts: node (8
/// bits), shard (8 bits), and 48 bits that differ for every message of the shard. Unless
/// node.permuted_ids is off, those follow no order that anybody without the node's key could see:
/// do not sort by them, nor expect neighbours in time to be neighbours here.
struct MessageId {
  std::uint64_t value = 0;
  friend bool operator==(MessageId, MessageId) = default;
};

/// 16 lower-case hexadecimal digits: the form in submit_sm_resp and receipts.
using MessageIdText = std::array<char, 16>;
RINGGATE_API MessageIdText to_text(MessageId id);

/// Handle by which a backend speaks of a submit: valid from on_submits until the message ends (a
/// failed answer, an answer when no receipt is owed, or a final outcome). A late use is recognised
/// and ignored, however late: no name is given out again while the process lives, neither by this
/// server nor by another one. So is a ticket that was made up, or is another shard's.
struct Ticket {
  std::uint64_t name = 0;  ///< counts the messages of that shard; 0 names none
  std::uint32_t slot = 0;  ///< where the shard finds it
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

/// What a peer of that interface_version may be told: SCHEDULED and SKIPPED came with 5.0.
constexpr MessageState state_for_version(MessageState state, std::uint8_t interface_version) {
  if (interface_version >= 0x50) return state;
  if (state == MessageState::scheduled) return MessageState::enroute;
  return state == MessageState::skipped ? MessageState::undeliverable : state;
}

/// What data_coding 0 means for a client (an account's quirk).
enum class DefaultAlphabet : std::uint8_t { gsm7, gsm7_packed, latin1, ascii, utf8 };

/// What a message says and how it wants to be treated, whatever protocol it came by. The octets
/// mean what the parameters of that name mean in SMPP. Every view borrows.
struct Content {
  std::string_view service_type;
  Address source;
  Address destination;
  std::uint8_t esm_class = 0;
  std::uint8_t protocol_id = 0;
  std::uint8_t priority_flag = 0;
  std::uint8_t registered_delivery = 0;  ///< 5.0 §4.7.21; see receipt() and intermediate()
  std::uint8_t replace_if_present_flag = 0;
  std::uint8_t data_coding = 0;
  std::uint8_t sm_default_msg_id = 0;
  std::string_view schedule_delivery_time;
  std::string_view validity_period;
  Octets text;  ///< short_message, or message_payload where that was used; UDH still in front
  Octets tlvs;  ///< the TLV part as it came, already checked

  /// Which outcomes the client wants a receipt for.
  ReceiptWish receipt() const { return static_cast<ReceiptWish>(registered_delivery & 3); }
  /// Writes that into registered_delivery.
  void set_receipt(ReceiptWish wish) {
    registered_delivery =
        static_cast<std::uint8_t>((registered_delivery & ~3u) | static_cast<unsigned>(wish));
  }
  /// Intermediate notifications are wanted as well.
  bool intermediate() const { return (registered_delivery & 0x10) != 0; }
  /// The text begins with a UDH (5.0 §4.7.12).
  bool has_udh() const { return (esm_class & 0x40) != 0; }
};

/// One message a client has submitted, with submit_sm or data_sm or as one destination of a
/// submit_multi (whose destinations share the id). Every view is good until on_submits returns.
struct Submit : Content {
  Ticket ticket;
  MessageId id;
  std::string_view system_id;  ///< the account
  SessionId session;           ///< by which it came; 0 for one of an earlier run
  /// The server waits for the outcome, whether or not anybody gets a receipt: with a journal it
  /// keeps the message until then. Reporting one that nobody waits for is harmless.
  bool outcome_wanted = false;
  /// An earlier run of the server had accepted it and does not know what became of it: it is given
  /// again. Its answer is not needed; an error ends it as REJECTED.
  bool restored = false;
  DefaultAlphabet default_alphabet = DefaultAlphabet::gsm7;  ///< for text_of() in ringgate/text.h
};

/// A message that has come whole: a long one's parts, or one message_payload; and one that was
/// never long, where that is wished (BackendWishes). Each part was a Submit before, and was
/// accepted. Views are good until the call returns.
struct WholeMessage {
  std::span<const MessageId> ids;  ///< of the parts, in order
  std::string_view system_id;
  Address source;
  Address destination;
  std::uint8_t data_coding = 0;
  std::span<const Octets> parts;  ///< user data in order, each with its UDH in front if it has one
  bool is_text = false;           ///< false for binary, and for what is not decoded here
  std::string_view text;          ///< UTF-8, of all parts
};

/// Parts whose others did not come in time. Views are good until the call returns.
struct IncompleteMessage {
  std::span<const MessageId> ids;  ///< of the parts that came, in order
  std::string_view system_id;
  std::uint16_t reference = 0;
  std::uint8_t total = 0;
};

/// Handle by which a backend answers an operation; late uses are recognised as those of a Ticket
/// are.
struct OperationTicket {
  std::uint64_t name = 0;  ///< counts the operations of the asking shard; 0 names none
  std::uint32_t slot = 0;
  std::uint16_t shard = 0;  ///< that asks
  std::uint16_t owner = 0;  ///< that gave out the id: the answer goes there first
  friend bool operator==(OperationTicket, OperationTicket) = default;
};

enum class OperationKind : std::uint8_t {
  query,             ///< query_sm (5.0 §4.5.1)
  cancel,            ///< cancel_sm (5.0 §4.5.3)
  replace,           ///< replace_sm (5.0 §4.5.5)
  broadcast,         ///< broadcast_sm (5.0 §4.4.1)
  query_broadcast,   ///< query_broadcast_sm (5.0 §4.4.2)
  cancel_broadcast,  ///< cancel_broadcast_sm (5.0 §4.4.3)
};

/// What a client wants done with what it has submitted before, or a broadcast. Called on the shard
/// that gave out the id. Every view is good until on_operations returns. What the PDU does not have
/// is empty; a broadcast's areas are among the TLVs.
struct Operation : Content {
  OperationKind kind = OperationKind::query;
  OperationTicket ticket;
  /// The message or broadcast that is meant, which is the account's; for `broadcast` the new one's
  /// own. Without an id (names_id false, cancels only) everything of the account between `source`
  /// and `destination` is meant, and every shard is asked.
  MessageId id;
  bool names_id = true;
  std::string_view system_id;
  SessionId session;  ///< by which it came
};

/// The answer to an Operation. `tlvs` borrows for the call.
struct OperationAnswer {
  Status status = Status::ESME_ROK;
  MessageState state = MessageState::unknown;  ///< queries
  std::int64_t final_s = 0;                    ///< queries: wall clock of the end; 0 = not ended
  std::uint8_t error = 0;                      ///< query_sm_resp's error_code
  Octets tlvs;                                 ///< more TLVs for the response, encoded
};

/// A message from a subscriber for a client (MO), or a receipt that the program has written itself
/// (esm_class 0x04; see deliver_receipt() in ringgate/text.h). Views borrow for the call. A text
/// above 254 octets goes as message_payload, TLVs go to clients from 3.4 on; times,
/// registered_delivery, replace_if_present_flag and sm_default_msg_id have no place in a deliver_sm
/// (5.0 §4.3.1) and are not told.
struct Deliver : Content {
  /// system_id of the account that gets it; empty: the number plan names the account of its
  /// destination.
  std::string_view account;
  /// Not 0: only that session gets it, whatever account and numbers say, and it ends with the
  /// session, which is told within two seconds. Such a message waits in memory only: it does not
  /// survive a crash.
  SessionId session;
  /// Given back in Delivered, for the program's own use.
  std::uint64_t token = 0;
};

/// The most octets of text and TLVs together that a Deliver may have.
inline constexpr std::size_t deliver_octets_max = 60'000;

/// A subscriber is reachable again (alert_notification, 5.0 §4.1.13): goes once to one bind of the
/// account that owns `esme`, if there is one.
struct Alert {
  Address source;
  Address esme;
  bool has_availability = false;
  std::uint8_t ms_availability_status = 0;  ///< 5.0 §4.8.4.39
};

/// What became of a message given to the server for delivery.
enum class Routed : std::uint8_t {
  ok,
  no_account,  ///< there is none of that name, or the number plan has nobody for the destination
  full,        ///< the account has as many waiting as it may, or its shard has
  malformed,  ///< addresses above 20 characters, a NUL in one or in service_type, TLVs that are cut
              ///< off, or more octets than deliver_octets_max
  ended,      ///< the server has
  no_session,  ///< there can be none of that name, or it takes no messages
};

/// What became of a message.
struct Outcome {
  MessageState state = MessageState::delivered;
  std::uint16_t error = 0;  ///< 0-999, printed as err:NNN in the receipt
};

/// How a receipt or MO ended.
enum class DeliverResult : std::uint8_t {
  delivered,  ///< deliver_sm_resp ESME_ROK
  refused,    ///< the client said never (RX_R_APPN, RX_P_APPN), or its version cannot take it
  expired,    ///< no bind took it in time
  no_room,    ///< a Deliver only: max_open_messages are open on its account's shard
  gone,       ///< a Deliver only: the session that it was for has ended, or takes no messages; what
              ///< was on its way may have reached it all the same
};

/// How a receipt or a Deliver ended.
struct Delivered {
  MessageId id;             ///< of the submit whose receipt it was, or of the Deliver
  std::uint64_t token = 0;  ///< of the Deliver; 0 of a receipt, and after a restart
  SessionId session;        ///< that it was for, or that was chosen last; 0: none was
  DeliverResult result = DeliverResult::delivered;
  /// command_status of the last response; ESME_ROK also where there was none.
  Status status = Status::ESME_ROK;
};

/// The answer to a submit: ESME_ROK accepts it, anything else refuses it.
struct Answer {
  Ticket ticket;
  Status status = Status::ESME_ROK;
};

/// What became of an accepted message, and which.
struct Report {
  Ticket ticket;
  Outcome outcome;
};

}  // namespace RINGGATE_ABI
}  // namespace ringgate
