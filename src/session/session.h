// One SMPP link's state machine, for either role. Pure: octets, commands and the time go in;
// octets, events and a deadline come out. The owner moves the octets.
#pragma once

#include <ringgate/options.h>

#include <limits>
#include <string>

#include "base/rarely.h"
#include "base/units.h"
#include "message/message_id.h"
#include "session/byte_queue.h"
#include "session/carry.h"
#include "session/event.h"
#include "session/quotes.h"
#include "session/window.h"
#include "smpp/check.h"

namespace ringgate {

enum class Role : std::uint8_t { smsc, esme };

/// Shared by all sessions of an owner; the times are constant while they live.
struct SessionLimits {
  Nanos session_init = seconds(10);  ///< connect to successful bind
  Nanos enquire_link = seconds(30);  ///< silence after which we send enquire_link; 0 = never
  Nanos inactivity = seconds(120);   ///< bound without traffic other than enquire_link; 0 = never
  Nanos response = seconds(30);      ///< how long our requests wait
  Nanos pdu_read = seconds(10);      ///< from the first octet of a PDU to its last
  Nanos unbind = seconds(2);         ///< how long an unbound peer may take to close
  Nanos refusal_delay =
      seconds(1);  ///< a refused bind keeps its connection that long, to slow guessing down
  std::uint32_t pdu_size_max = 70'000;
  std::uint32_t unbound_pdu_size_max = 1024;  ///< before the bind: no bind is that long
  /// How full the owner is, 0-100 as in 5.0 §4.8.4.18; the owner keeps it up to date between turns.
  std::uint8_t congestion_state = 0;
  const MessageIdCodec* ids = nullptr;  ///< outlives the sessions; null = ids are not permuted
};

/// Memory that sessions of one shard share. Outlives them.
struct SessionPools {
  OctetPool& tx;     ///< pieces of ByteQueue
  ChunkPool& carry;  ///< chunks for partial PDUs
};

/// A bind that was refused because a field of it cannot be read.
struct MalformedBind {
  std::string system_id;  ///< empty if that is the field
  std::string_view field;
  Status status = Status::ESME_ROK;
};

enum class Admit : std::uint8_t {
  ok,
  full,
  closed,
  unfit,  ///< this peer can never take it
};

/// Order of calls: on_bytes, then next_event until it returns false (or blocked() is true), then
/// settle, then take_rest if it was blocked. Commands may come between events. After any of these:
/// send output(), look at deadline() and close_cause(). One thread; nothing here blocks, allocates
/// per message, or reads a clock.
class Session {
 public:
  Session(Role role, const SessionLimits& limits, SessionPools pools, Now now);

  // Inputs.

  /// Octets from the peer, borrowed until settle(). Everything given before must have been
  /// consumed.
  void on_bytes(Octets octets, Now now);
  /// Octets arrived that the owner holds back for now: the peer is alive, whatever they say.
  void on_heard(Now now);
  /// A whole response out of octets that the owner holds back, ahead of what came before it; those
  /// octets are never given to on_bytes. True: it made an event. For bound sessions.
  bool on_held_response(Octets pdu, Now now, Event& event);
  /// A request was seen among those octets. It comes to on_bytes in its turn.
  void on_held_request() { unwanted_responses_ = 0; }
  /// deadline() has come.
  void on_deadline(Now now);
  /// The connection is gone; open requests come back as events with answered == false.
  void on_closed(CloseCause cause);

  // Outputs.

  /// The next event, false when the input is used up. Protocol answers that need no decision are
  /// written meanwhile. What a message says goes straight to where it is wanted: to `content`,
  /// which holds nothing of use unless the event says so.
  bool next_event(Event& event, Content& content);
  /// The owner is done with every view of this round: keeps the trailing part of a PDU, lets go of
  /// the rest.
  void settle();
  /// While blocked: the octets not looked at yet. The owner keeps a copy and gives it to on_bytes
  /// later.
  Octets take_rest();
  /// No further event will be produced for now: a bind decision is pending, submit_window requests
  /// are unanswered, or the allowance is used up.
  bool blocked() const {
    return (bind_pending_ && role_ == Role::smsc) || open_requests_ >= submit_window_ ||
           allowance_ <= 0;
  }

  // How much of the peer's input may be worked through before the owner turns to somebody else.
  // Without limit until the owner says otherwise.

  /// One for each PDU, and one more for each of these octets of it.
  static constexpr std::uint32_t octets_per_work = 256;
  static constexpr std::int64_t unlimited = std::numeric_limits<std::int64_t>::max() / 2;
  void allow(std::int64_t work) { allowance_ = work; }
  std::int64_t allowance() const { return allowance_; }
  /// A PDU has made more work than its size tells.
  void charge(std::int64_t work) { allowance_ -= work; }

  ByteQueue& output() { return output_; }
  const ByteQueue& output() const { return output_; }
  Nanos deadline() const;
  /// Anything but none: send what is in output(), then close.
  CloseCause close_cause() const { return close_cause_; }

  // Commands, SMSC role.

  /// Accepts the pending bind. `system_id` is ours; windows and quirks are the account's, and
  /// `quirks` outlives the session.
  void accept_bind(std::string_view system_id, std::uint32_t submit_window,
                   std::uint32_t deliver_window, const QuirkOptions& quirks, Now now);
  /// Refuses the pending bind; the connection is closed after refusal_delay, or another delay.
  void refuse_bind(Status status, Now now) { refuse_bind(status, now, limits_.refusal_delay); }
  void refuse_bind(Status status, Now now, Nanos delay);
  /// Answers a submit_sm or data_sm, or refuses any submit. `id` is used only with ESME_ROK.
  void answer_submit(RecordKind submit, std::uint32_t sequence_number, Status status, MessageId id);
  /// Answers a submit_multi of which at least one destination was accepted, and these were not.
  void answer_submit_multi(std::uint32_t sequence_number, MessageId id,
                           std::span<const Destination> failures);
  /// Answers an operation about the message or broadcast that the client knows as `id_text`.
  void answer_operation(OperationKind operation, std::uint32_t sequence_number,
                        std::string_view id_text, const OperationAnswer& answer);
  /// Answers any request with an error, or one whose response has no body with ESME_ROK.
  void answer_empty(smpp::Command request, std::uint32_t sequence_number, Status status);
  /// Sends a message of a subscriber. `token` comes back with the response event.
  Admit deliver(std::uint64_t token, Now now, const Content& message);
  /// Sends the receipt or intermediate notification of a message.
  Admit deliver(std::uint64_t token, Now now, const MessageRecord& message, Quotes& quotes);
  /// Tells that a subscriber can be reached again. False when this bind cannot be told.
  bool alert(const Alert& alert);
  /// Asks a freshly connected ESME to bind (5.0 §2.2.2).
  void outbind(std::string_view system_id, std::string_view password, Now now);

  // Commands, ESME role.

  void bind(smpp::Command command, const smpp::Bind& body, std::uint32_t window, Now now);
  void answer_deliver(smpp::Command request, std::uint32_t sequence_number, Status status);

  // Commands, both roles.

  /// Writes one request: `write(sequence_number, std::uint8_t* to)` fills up to `size_max` octets
  /// with a whole PDU and returns its size. `token` comes back with the response event.
  template <class W>
  Admit request(std::uint64_t token, Now now, std::size_t size_max, W&& write);
  /// The peer's unbind is answered once the last of its requests is.
  void finish_unbind(Now now);
  /// Sends unbind and ends after the response or a while. Before a bind: ends at once.
  void start_unbind(CloseCause cause, Now now);
  void close(CloseCause cause);

  // State.

  smpp::State state() const { return state_; }
  bool bound() const { return (smpp::bit_of(state_) & smpp::in::bound) != 0; }
  bool can_receive() const {
    return (smpp::bit_of(state_) & (smpp::in::rx | smpp::in::trx)) != 0 && !unbinding_ &&
           close_cause_ == CloseCause::none;
  }
  /// Where the framing was lost: what the peer seems to speak; empty if that is not known.
  std::string_view foreign_protocol() const { return foreign_protocol_; }
  /// Binds that were refused here because a field was malformed; no event tells of those.
  std::uint32_t malformed_binds() const { return malformed_binds_; }
  /// The last of them.
  const MalformedBind& malformed_bind() const { return malformed_bind_; }
  bool bind_pending() const { return bind_pending_; }
  /// Either side has sent unbind.
  bool unbinding() const { return unbinding_ || unbind_pending_; }
  std::uint8_t interface_version() const { return interface_version_; }
  IdStyle id_style() const { return {interface_version_, id_format_, limits_.ids}; }
  const QuirkOptions& quirks() const { return *quirks_; }
  const Window& window() const { return window_; }
  std::uint32_t open_requests() const { return open_requests_; }
  std::uint64_t pdus_in() const { return pdus_in_; }
  /// Half a PDU, whose rest is still to come.
  Octets begun() const { return carry_used_ ? Octets{} : carry_.octets(); }
  /// Octets of memory that half a PDU holds.
  std::uint32_t carried() const { return carry_.held(); }

 private:
  bool next_frame(Octets& frame);
  bool handle(Octets frame, Event& event);
  bool handle_request(const smpp::Header& header, Octets frame, Event& event);
  bool handle_response(const smpp::Header& header, Octets frame, Event& event);
  bool handle_submit_sm(const smpp::Header& header, Octets frame, Event& event);
  bool handle_deliver_sm(const smpp::Header& header, Octets frame, Event& event);
  bool handle_data_sm(const smpp::Header& header, Octets frame, Event& event);
  bool handle_submit_multi(const smpp::Header& header, Octets frame, Event& event);
  Status read_replace(Cursor cursor, Event& event) const;
  Status read_broadcast(Cursor cursor, Event& event) const;
  template <class Pdu>
  static Status read_named(Cursor cursor, Event& event);
  bool handle_operation(const smpp::Header& header, Octets frame, Event& event);
  template <class Body>
  bool handle_notification(Octets frame, Event& event, EventKind kind, Body& body);
  static Status take_tlvs(const Cursor& cursor, Octets& tlvs);
  template <class Body>
  static Status read_body(Cursor cursor, Body& body, Event& event);
  template <class Pdu>
  static Status read_content(Cursor cursor, Content& content);
  bool accept_request(Event& event, EventKind kind);
  static Octets body_octets(Octets frame) { return frame.subspan(wire::pdu_header_size); }
  bool handle_bind(const smpp::Header& header, Octets frame, Event& event);
  bool handle_unbind(const smpp::Header& header, Event& event);
  bool may_receive(const smpp::CommandRow& row) const;
  bool may_answer(std::uint32_t command_id) const;
  void handle_bind_resp(const smpp::Header& header, Status status, Octets frame, Event& event);
  template <class Body>
  bool send(smpp::Command command, std::uint32_t sequence_number, const Body& body);
  /// Answers a request with ESME_ROK and a body: `write(std::uint8_t* to)` fills up to `size_max`
  /// octets behind the header and returns their end.
  template <class W>
  void answer(smpp::Command request, std::uint32_t sequence_number, std::size_t size_max,
              W&& write);
  void write_empty(std::uint32_t command_id, Status status, std::uint32_t sequence_number);
  void write_error(std::uint32_t command_id, Status status, std::uint32_t sequence_number);
  bool refuse(const smpp::Header& header, Status status);
  /// Responses to 5.0 peers carry congestion_state from "high" on (5.0 §4.8.4.18).
  bool tells_congestion() const {
    constexpr std::uint8_t told_min = 50;
    return interface_version_ >= 0x50 &&
           (limits_.congestion_state >= told_min || RARELY("congestion is told of early"));
  }
  std::size_t write_congestion(std::uint8_t* to) const;
  void lose_framing(Octets head);
  void request_done();
  void complete_unbind();
  void enter_bound(smpp::Command bind_command, Now now);

  static constexpr std::size_t unsuccess_sme_max = 27;

  const SessionLimits& limits_;
  const QuirkOptions* quirks_;
  ByteQueue output_;
  Carry carry_;
  Octets input_;
  Window window_;
  Now now_;

  Nanos init_deadline_;
  Nanos pdu_deadline_ = never;
  Nanos enquire_deadline_ = never;  // our enquire_link waits until then
  Nanos closing_deadline_ = never;
  Nanos last_heard_;
  Nanos last_active_;

  std::int64_t allowance_ = unlimited;
  std::uint32_t pdu_size_max_;
  std::uint64_t pdus_in_ = 0;
  std::string_view foreign_protocol_;
  MalformedBind malformed_bind_;
  std::uint32_t malformed_binds_ = 0;
  std::uint32_t open_requests_ = 0;
  std::uint32_t submit_window_ = 1;
  std::uint32_t bind_sequence_ = 0;
  std::uint32_t unbind_sequence_ = 0;
  std::uint32_t own_unbind_sequence_ = 0;
  smpp::Command bind_command_ = smpp::Command::bind_transceiver;
  Role role_;
  smpp::State state_ = smpp::State::open;
  std::uint8_t interface_version_ = 0x34;
  IdFormat id_format_ = IdFormat::hex;
  std::uint8_t unwanted_responses_ = 0;
  CloseCause close_cause_ = CloseCause::none;
  CloseCause closing_because_ = CloseCause::none;
  bool over_ = false;  // the connection is gone
  bool carry_used_ = false;
  bool bind_pending_ = false;
  bool unbinding_ = false;
  bool unbind_pending_ = false;
};

template <class W>
Admit Session::request(std::uint64_t token, Now now, std::size_t size_max, W&& write) {
  if (!bound() || unbinding_ || close_cause_ != CloseCause::none) return Admit::closed;
  if (window_.full()) return Admit::full;
  std::uint8_t* const to = output_.reserve(size_max);
  if (to == nullptr) return Admit::full;
  const std::uint32_t sequence = window_.open(token, now.mono + limits_.response);
  output_.commit(write(sequence, to));
  return Admit::ok;
}

template <class W>
void Session::answer(smpp::Command request, std::uint32_t sequence_number, std::size_t size_max,
                     W&& write) {
  constexpr std::size_t congestion_max = 8;
  std::uint8_t* const to = output_.reserve(wire::pdu_header_size + size_max + congestion_max);
  if (to == nullptr) return close(CloseCause::no_memory);
  auto size = static_cast<std::size_t>(write(to + wire::pdu_header_size) - to);
  if (tells_congestion()) size += write_congestion(to + size);
  smpp::write_header(to, static_cast<std::uint32_t>(size),
                     static_cast<std::uint32_t>(smpp::response_of(request)), 0, sequence_number);
  output_.commit(size);
  request_done();
}

}  // namespace ringgate
