// SMPP's state machine, for either role.
#pragma once

#include "base/rarely.h"
#include "session/carry.h"
#include "session/quotes.h"
#include "session/session.h"
#include "smpp/check.h"
#include "smpp/operations.h"

namespace ringgate {

enum class Role : std::uint8_t { smsc, esme };

/// What the owner of a session sees of an event beyond what all protocols have.
struct SmppEvent : Event {
  smpp::Command command = smpp::Command::generic_nack;  ///< of the PDU
  Octets body;                                          ///< response: everything behind the header
  Octets tlvs;  ///< bound, alert, outbind: whatever TLVs came with it
  smpp::AlertNotification alert;
  smpp::Outbind outbind;
};

/// How often a peer has sent what it must not. What crosses our unbind is no fault; what answers
/// our enquire_link is not looked at.
struct PeerFaults {
  std::uint32_t malformed = 0;  ///< requests that were refused, or cannot be read, and octets that
                                ///< are no PDU; an ESME also counts responses whose id has no end
  std::uint32_t unasked = 0;  ///< responses to nothing that waits for one: too late, or never asked
};

/// The SMSC's is what shards have; the ESME's is for tools and tests.
class SmppSession final : public Session {
 public:
  SmppSession(Role role, const SessionLimits& limits, SessionPools pools, Now now);

  void on_bytes(Octets octets, Now now) override;
  void on_heard(Now now) override;
  bool on_held_response(Octets pdu, Now now, Event& event) override;
  void on_held_request() override { unwanted_responses_ = 0; }
  void on_deadline(Now now) override;
  void on_closed(CloseCause cause) override;

  bool next_event(Event& event, Content& content) override;
  /// With all that the PDU says.
  bool next_event(SmppEvent& event, Content& content);
  void settle() override;
  Octets take_rest() override;
  HeldHead look_at(Octets head) const override;
  Nanos deadline() const override;

  // Commands, SMSC role.

  void accept_bind(std::string_view system_id, std::uint32_t submit_window,
                   std::uint32_t deliver_window, const QuirkOptions& quirks, Now now) override;
  void revise(std::uint32_t submit_window, std::uint32_t deliver_window,
              const QuirkOptions& quirks) override;
  void await_verdict(Nanos until) override;
  void refuse_bind(Status status, Now now) { refuse_bind(status, now, limits_.refusal_delay); }
  void refuse_bind(Status status, Now now, Nanos delay) override;
  void answer_submit(RecordKind submit, std::uint32_t sequence_number, Status status,
                     MessageId id) override;
  void answer_submit_multi(std::uint32_t sequence_number, MessageId id,
                           std::span<const Destination> failures) override;
  void answer_operation(OperationKind operation, std::uint32_t sequence_number,
                        std::string_view id_text, const OperationAnswer& answer) override;
  /// Answers any request with an error, or one whose response has no body with ESME_ROK.
  void answer_empty(smpp::Command request, std::uint32_t sequence_number, Status status);
  Admit deliver(std::uint64_t token, Now now, const Content& message) override;
  Admit deliver(std::uint64_t token, Now now, const MessageRecord& message,
                Quotes& quotes) override;
  bool alert(const Alert& alert) override;
  void outbind(std::string_view system_id, std::string_view password, Now now) override;

  // Commands, ESME role.

  void bind(smpp::Command command, const smpp::Bind& body, std::uint32_t window, Now now);
  /// Sends a submit_sm of what is_submittable(). `token` comes back with the response event.
  Admit submit(std::uint64_t token, Now now, const Content& message);
  void answer_deliver(smpp::Command request, std::uint32_t sequence_number, Status status);

  // Commands, both roles.

  /// Writes one request: `write(sequence_number, std::uint8_t* to)` fills up to `size_max` octets
  /// with a whole PDU and returns its size. `token` comes back with the response event.
  template <class W>
  Admit request(std::uint64_t token, Now now, std::size_t size_max, W&& write);
  void finish_unbind(Now now) override;
  using Session::start_unbind;
  void start_unbind(CloseCause cause, Now now, Nanos grace) override;
  bool probe(Now now, Nanos within) override;
  void close(CloseCause cause) override;

  // State.

  smpp::State state() const { return state_; }
  /// ESME role: our bind has no answer yet.
  bool bind_asked() const { return bind_asked_; }
  bool bound() const override { return (smpp::bit_of(state_) & smpp::in::bound) != 0; }
  bool can_receive() const override {
    return (smpp::bit_of(state_) & (smpp::in::rx | smpp::in::trx)) != 0 && !unbinding_ &&
           close_cause_ == CloseCause::none;
  }
  bool unbinding() const override { return unbinding_ || unbind_pending_; }
  IdStyle id_style() const override { return {interface_version_, id_format_, limits_.ids}; }
  const QuirkOptions& quirks() const { return *quirks_; }
  const PeerFaults& peer_faults() const { return peer_faults_; }
  Octets begun() const override { return carry_used_ ? Octets{} : carry_.octets(); }
  std::uint32_t carried() const override { return carry_.held(); }
  std::string_view foreign_protocol() const override { return foreign_protocol_; }

 private:
  void name_command(smpp::Command command) {
    if (details_ != nullptr) details_->command = command;
  }
  void ask_for_life(Nanos until);
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
  bool handle_operation(smpp::Command command, const smpp::Header& header, Octets frame,
                        Event& event);
  template <class Body>
  bool handle_notification(Octets frame, Event& event, EventKind kind, Body SmppEvent::*body);
  static Status take_tlvs(const Cursor& cursor, Octets& tlvs);
  template <class Pdu>
  static Status read_content(Cursor cursor, Content& content);
  bool accept_request(Event& event, EventKind kind);
  bool handle_bind(smpp::Command command, const smpp::Header& header, Octets frame, Event& event);
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

  SmppEvent* details_ = nullptr;  // of the event under way, where its owner wants them
  const QuirkOptions* quirks_;
  Carry carry_;
  Octets input_;
  Now now_;

  Nanos init_deadline_;
  Nanos pdu_deadline_ = never;
  Nanos enquire_deadline_ = never;  // our enquire_link waits until then
  Nanos probed_at_ = never;         // when it began to be about life or death
  Nanos closing_deadline_ = never;
  Nanos last_active_;

  PeerFaults peer_faults_;
  std::uint32_t pdu_size_max_;
  std::string_view foreign_protocol_;
  std::uint32_t bind_sequence_ = 0;
  std::uint32_t unbind_sequence_ = 0;
  std::uint32_t own_unbind_sequence_ = 0;
  smpp::Command bind_command_ = smpp::Command::bind_transceiver;
  Role role_;
  smpp::State state_ = smpp::State::open;
  IdFormat id_format_ = IdFormat::hex;
  std::uint8_t unwanted_responses_ = 0;
  CloseCause closing_because_ = CloseCause::none;
  bool over_ = false;  // the connection is gone
  bool carry_used_ = false;
  bool bind_asked_ = false;  // ESME role
  bool unbinding_ = false;
  bool unbind_pending_ = false;
};

template <class W>
Admit SmppSession::request(std::uint64_t token, Now now, std::size_t size_max, W&& write) {
  if (!bound() || unbinding_ || close_cause_ != CloseCause::none) return Admit::closed;
  if (window_.full()) return Admit::full;
  std::uint8_t* const to = output_.reserve(size_max);
  if (to == nullptr) return Admit::full;
  const std::uint32_t sequence = window_.open(token, now.mono + limits_.response);
  output_.commit(write(sequence, to));
  return Admit::ok;
}

template <class W>
void SmppSession::answer(smpp::Command request, std::uint32_t sequence_number, std::size_t size_max,
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

/// Makes sessions of the SMSC's role.
class SmppProtocol final : public Protocol {
 public:
  std::unique_ptr<Session> make_session(const SessionLimits& limits, SessionPools pools,
                                        Now now) const override {
    return std::make_unique<SmppSession>(Role::smsc, limits, pools, now);
  }
};

}  // namespace ringgate
