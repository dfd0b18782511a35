#include "session/session.h"

#include <algorithm>

#include "message/message_id.h"

namespace ringgate {

using smpp::Command;
using smpp::Header;
using smpp::State;

namespace {

// A peer that answers questions nobody asked this many times in a row is not talking to us.
constexpr std::uint8_t unwanted_responses_max = 100;

constexpr Nanos after(Nanos start, Nanos period) { return period == 0 ? never : start + period; }

Octets body_of(Octets frame) { return frame.subspan(wire::pdu_header_size); }

}  // namespace

std::string_view close_cause_name(CloseCause cause) {
  switch (cause) {
    case CloseCause::none:
      return "none";
    case CloseCause::peer:
      return "peer";
    case CloseCause::framing:
      return "framing";
    case CloseCause::session_init:
      return "session_init";
    case CloseCause::refused:
      return "refused";
    case CloseCause::pdu_read:
      return "pdu_read";
    case CloseCause::enquire_link:
      return "enquire_link";
    case CloseCause::inactivity:
      return "inactivity";
    case CloseCause::unbound:
      return "unbound";
    case CloseCause::unwanted_responses:
      return "unwanted_responses";
    case CloseCause::no_memory:
      return "no_memory";
    case CloseCause::write_stall:
      return "write_stall";
    case CloseCause::shutdown:
      return "shutdown";
  }
  return "none";
}

Session::Session(Role role, const SessionLimits& limits, SessionPools pools, Now now)
    : limits_(limits),
      output_(pools.tx),
      carry_(pools.carry),
      now_(now),
      init_deadline_(now.mono + limits.session_init),
      last_heard_(now.mono),
      last_active_(now.mono),
      role_(role) {}

// ---- octets in
// -----------------------------------------------------------------------------------------------------

void Session::on_bytes(Octets octets, Now now) {
  ASSERT(input_.empty());
  now_ = now;
  input_ = octets;
  if (!octets.empty()) last_heard_ = now.mono;
}

[[gnu::always_inline]] inline bool Session::next_frame(Octets& frame) {
  // Only the first PDU of a round can lie in the carry; it stays there, for its views, until
  // settle().
  if (!carry_.empty() && !carry_used_) [[unlikely]] {
    const wire::Frame head = carry_.fill(input_, limits_.pdu_size_max);
    if (head.state == wire::FrameState::lost) lose_framing(carry_.octets());
    if (head.state != wire::FrameState::whole) return false;
    pdu_deadline_ = never;
    carry_used_ = true;
    frame = carry_.octets();
    return true;
  }
  const wire::Frame head = wire::next_frame(input_, limits_.pdu_size_max);
  if (head.state != wire::FrameState::whole) [[unlikely]] {
    if (head.state == wire::FrameState::lost) lose_framing(input_);
    return false;
  }
  frame = input_.first(head.size);
  input_ = input_.subspan(head.size);
  return true;
}

[[gnu::always_inline]] inline bool Session::handle(Octets frame, Event& event) {
  const Header header = smpp::read_header(frame.data());
  if (header.command_id == static_cast<std::uint32_t>(Command::submit_sm) && role_ == Role::smsc &&
      (state_ == State::bound_trx || state_ == State::bound_tx)) [[likely]]
    return handle_message(header, frame, event);
  if (smpp::is_response(header.command_id)) return handle_response(header, frame, event);
  unwanted_responses_ = 0;
  return handle_request(header, frame, event);
}

bool Session::next_event(Event& event) {
  // Requests that got no answer: those whose time is up, and all of them once the connection is
  // gone.
  if (over_ ? window_.take_oldest(event.token) : window_.take_expired(now_.mono, event.token))
      [[unlikely]] {
    event.kind = EventKind::response;
    event.command = Command::generic_nack;
    event.status = Status::ESME_RSYSERR;
    event.answered = false;
    event.message_id = {};
    return true;
  }
  Octets frame;
  while (close_cause_ == CloseCause::none && !blocked() && next_frame(frame)) {
    ++pdus_in_;
    if (handle(frame, event)) return true;
  }
  return false;
}

void Session::settle() {
  if (carry_used_) {
    carry_.release();
    carry_used_ = false;
  }
  if (close_cause_ != CloseCause::none) {
    input_ = {};
    return;
  }
  if (input_.empty() || blocked()) return;
  // next_event has stopped at the head of a PDU whose rest is still to come.
  carry_.fill(input_, limits_.pdu_size_max);
  ASSERT(input_.empty());
  pdu_deadline_ = now_.mono + limits_.pdu_read;
}

Octets Session::take_rest() {
  const Octets rest = input_;
  input_ = {};
  return rest;
}

void Session::lose_framing(Octets head) {
  // The sequence_number is echoed where it has arrived; otherwise 0 says "the header could not be
  // used".
  const std::uint32_t sequence =
      head.size() >= wire::pdu_header_size ? load_be32(head.data() + 12) : 0;
  write_empty(static_cast<std::uint32_t>(Command::generic_nack), Status::ESME_RINVCMDLEN, sequence);
  close(CloseCause::framing);
}

// ---- PDUs
// ----------------------------------------------------------------------------------------------------------

bool Session::may_receive(const smpp::CommandRow& row) const {
  const std::uint8_t allowed = role_ == Role::smsc ? row.esme_may : row.mc_may;
  return (allowed & smpp::bit_of(state_)) != 0;
}

void Session::refuse(const Header& header, Status status) {
  write_empty(header.command_id | smpp::response_bit, status, header.sequence_number);
}

bool Session::handle_request(const Header& header, Octets frame, Event& event) {
  const smpp::CommandRow* row = smpp::command_row(header.command_id);
  if (row == nullptr || row->support == smpp::Support::no) {
    write_empty(static_cast<std::uint32_t>(Command::generic_nack), Status::ESME_RINVCMDID,
                header.sequence_number);
    return false;
  }
  if (row->id == Command::enquire_link) {
    write_empty(header.command_id | smpp::response_bit, Status::ESME_ROK, header.sequence_number);
    return false;
  }
  if (!may_receive(*row)) {
    const bool second_bind = (row->esme_may & smpp::in::fresh) == smpp::in::fresh && bound();
    refuse(header,
           second_bind && role_ == Role::smsc ? Status::ESME_RALYBND : Status::ESME_RINVBNDSTS);
    return false;
  }
  switch (row->id) {
    case Command::bind_transmitter:
    case Command::bind_receiver:
    case Command::bind_transceiver:
      return handle_bind(header, frame, event);
    case Command::submit_sm:
    case Command::deliver_sm:
      return handle_message(header, frame, event);
    case Command::unbind:
      return handle_unbind(header, event);
    default:
      refuse(header, Status::ESME_RINVBNDSTS);
      return false;
  }
}

bool Session::handle_message(const Header& header, Octets frame, Event& event) {
  last_active_ = now_.mono;
  unwanted_responses_ = 0;
  if (unbinding_) [[unlikely]] {
    // We have said unbind: nothing new is taken, what is in hand still gets its answer.
    refuse(header, Status::ESME_RINVBNDSTS);
    return false;
  }
  Cursor cursor{frame.data() + wire::pdu_header_size, frame.data() + frame.size()};
  const wire::Verdict verdict = wire::decode(cursor, event.message);
  Status status = Status::ESME_ROK;
  if (!verdict.ok()) [[unlikely]] {
    status = smpp::status_of<smpp::ShortMessage>(verdict);
  } else {
    event.tlvs = Octets(cursor.at, cursor.left());
    if (!event.tlvs.empty()) status = smpp::check_tlvs(event.tlvs);
    if (status == Status::ESME_ROK) {
      if (role_ == Role::smsc) {
        status = smpp::check_submit(event.message, event.tlvs, interface_version_, now_.wall_s,
                                    event.text);
      } else {
        event.text = event.message.short_message;
        if (!event.tlvs.empty()) {
          const auto payload = smpp::find_tlv(event.tlvs, smpp::Tag::message_payload);
          if (payload) event.text = *payload;
        }
      }
    }
  }
  if (status != Status::ESME_ROK) [[unlikely]] {
    refuse(header, status_for_version(status, interface_version_));
    return false;
  }
  event.kind = role_ == Role::smsc ? EventKind::submit : EventKind::deliver;
  event.command = static_cast<Command>(header.command_id);
  event.sequence_number = header.sequence_number;
  ++open_requests_;
  return true;
}

bool Session::handle_bind(const Header& header, Octets frame, Event& event) {
  Cursor cursor{frame.data() + wire::pdu_header_size, frame.data() + frame.size()};
  const wire::Verdict verdict = wire::decode_any(smpp::Bind::fields, cursor, &event.bind);
  if (!verdict.ok()) {
    refuse(header, smpp::status_of<smpp::Bind>(verdict));
    return false;
  }
  // A refused peer waits until we close: further guesses are not looked at, or the delay would slow
  // nobody down.
  if (closing_because_ == CloseCause::refused) {
    refuse(header, Status::ESME_RBINDFAIL);
    return false;
  }
  bind_command_ = static_cast<Command>(header.command_id);
  bind_sequence_ = header.sequence_number;
  interface_version_ = event.bind.interface_version;
  bind_pending_ = true;
  event.kind = EventKind::bind;
  event.command = bind_command_;
  event.sequence_number = header.sequence_number;
  return true;
}

bool Session::handle_unbind(const Header& header, Event& event) {
  if (unbind_pending_) {
    write_empty(header.command_id | smpp::response_bit, Status::ESME_ROK, header.sequence_number);
    return false;
  }
  state_ = State::unbound;
  unbind_pending_ = true;
  unbind_sequence_ = header.sequence_number;
  event.kind = EventKind::unbind;
  event.command = Command::unbind;
  event.sequence_number = header.sequence_number;
  return true;
}

bool Session::handle_response(const Header& header, Octets frame, Event& event) {
  // Whatever it answers, the peer is alive; some number their enquire_link_resp wrongly.
  enquire_deadline_ = never;
  const auto command = static_cast<Command>(header.command_id);
  if (command == Command::enquire_link_resp) return false;
  if (command == Command::unbind_resp) {
    if (unbinding_ && header.sequence_number == own_unbind_sequence_) close(closing_because_);
    return false;
  }
  auto status = static_cast<Status>(header.command_status);
  // A generic_nack is a refusal, also one whose sender forgot to say of what.
  if (command == Command::generic_nack && status == Status::ESME_ROK)
    status = Status::ESME_RUNKNOWNERR;
  if (role_ == Role::esme && bind_pending_) {
    const bool ours =
        header.sequence_number == bind_sequence_ &&
        (command == smpp::response_of(bind_command_) || command == Command::generic_nack);
    if (ours) handle_bind_resp(header, status, frame, event);
    return ours;
  }
  last_active_ = now_.mono;
  // In any state: answers to what we asked before an unbind come after it.
  const smpp::CommandRow* row = smpp::command_row(header.command_id);
  const bool possible = row != nullptr && (role_ == Role::smsc ? row->esme_may : row->mc_may) != 0;
  if (!possible || !window_.close(header.sequence_number, event.token)) {
    if (++unwanted_responses_ == unwanted_responses_max) close(CloseCause::unwanted_responses);
    return false;
  }
  unwanted_responses_ = 0;
  event.kind = EventKind::response;
  event.command = command;
  event.sequence_number = header.sequence_number;
  event.status = status;
  event.answered = true;
  event.message_id = {};
  if (command == Command::submit_sm_resp) {
    const Octets body = body_of(frame);
    const std::size_t size =
        wire::nul_index(body.data(), body.size(), std::min<std::size_t>(body.size(), 65));
    if (size != wire::no_nul) event.message_id = as_text(body.first(size));
  }
  return true;
}

void Session::handle_bind_resp(const Header& header, Status status, Octets frame, Event& event) {
  bind_pending_ = false;
  event.kind = EventKind::bound;
  event.command = static_cast<Command>(header.command_id);
  event.sequence_number = header.sequence_number;
  event.status = status;
  event.answered = true;
  event.tlvs = {};
  if (event.status != Status::ESME_ROK) {
    close(CloseCause::refused);
    return;
  }
  Cursor cursor{frame.data() + wire::pdu_header_size, frame.data() + frame.size()};
  smpp::BindResp body;
  if (wire::decode_any(smpp::BindResp::fields, cursor, &body).ok())
    event.tlvs = Octets(cursor.at, cursor.left());
  enter_bound(bind_command_, now_);
}

// ---- commands
// ------------------------------------------------------------------------------------------------------

void Session::enter_bound(Command bind_command, Now now) {
  state_ = bind_command == Command::bind_transmitter ? State::bound_tx
           : bind_command == Command::bind_receiver  ? State::bound_rx
                                                     : State::bound_trx;
  init_deadline_ = never;
  last_active_ = now.mono;
}

void Session::accept_bind(std::string_view system_id, std::uint32_t submit_window,
                          std::uint32_t deliver_window, Now now) {
  ASSERT(role_ == Role::smsc && bind_pending_);
  now_ = now;
  bind_pending_ = false;
  submit_window_ = submit_window;
  window_.set_size(deliver_window);
  const smpp::BindResp body{system_id.substr(0, 15)};
  const std::size_t size = wire::pdu_header_size + wire::encoded_size(body);
  const bool tlvs = interface_version_ >= 0x34;
  const std::size_t whole = size + (tlvs ? wire::keyed_header_size + 1 : 0);
  std::uint8_t* const to = output_.reserve(whole);
  if (to == nullptr) return close(CloseCause::no_memory);
  std::uint8_t* at = smpp::write_header(
      to, static_cast<std::uint32_t>(whole),
      static_cast<std::uint32_t>(smpp::response_of(bind_command_)), 0, bind_sequence_);
  at = wire::encode(body, at);
  if (tlvs) {
    // A 3.4 peer is told 3.4: some refuse to go on when the answer is higher than what they asked
    // for.
    const std::uint8_t version = interface_version_ >= 0x50 ? 0x50 : 0x34;
    wire::write_keyed(static_cast<std::uint16_t>(smpp::Tag::sc_interface_version),
                      Octets(&version, 1), at);
  }
  output_.commit(whole);
  enter_bound(bind_command_, now);
}

void Session::refuse_bind(Status status, Now now) {
  ASSERT(role_ == Role::smsc && bind_pending_);
  now_ = now;
  bind_pending_ = false;
  write_empty(static_cast<std::uint32_t>(smpp::response_of(bind_command_)),
              status_for_version(status, interface_version_), bind_sequence_);
  closing_deadline_ = now.mono + limits_.refusal_delay;
  closing_because_ = CloseCause::refused;
}

void Session::answer_submit(std::uint32_t sequence_number, Status status, MessageId id) {
  if (status == Status::ESME_ROK) [[likely]] {
    std::uint8_t* const to = output_.reserve(wire::pdu_header_size + message_id_text_max + 1);
    if (to == nullptr) [[unlikely]]
      return close(CloseCause::no_memory);
    const std::size_t size = write_message_id(id, interface_version_, to + wire::pdu_header_size);
    to[wire::pdu_header_size + size] = 0;
    const std::size_t whole = wire::pdu_header_size + size + 1;
    smpp::write_header(to, static_cast<std::uint32_t>(whole),
                       static_cast<std::uint32_t>(Command::submit_sm_resp), 0, sequence_number);
    output_.commit(whole);
  } else {
    write_empty(static_cast<std::uint32_t>(Command::submit_sm_resp),
                status_for_version(status, interface_version_), sequence_number);
  }
  request_done();
}

void Session::answer_deliver(std::uint32_t sequence_number, Status status) {
  if (status != Status::ESME_ROK) {
    write_empty(static_cast<std::uint32_t>(Command::deliver_sm_resp), status, sequence_number);
    return request_done();
  }
  // message_id is unused here: one NUL (5.0 §4.3.2).
  constexpr std::size_t size = wire::pdu_header_size + 1;
  std::uint8_t* const to = output_.reserve(size);
  if (to == nullptr) return close(CloseCause::no_memory);
  *smpp::write_header(to, size, static_cast<std::uint32_t>(Command::deliver_sm_resp), 0,
                      sequence_number) = 0;
  output_.commit(size);
  request_done();
}

void Session::bind(Command command, const smpp::Bind& body, std::uint32_t window, Now now) {
  ASSERT(role_ == Role::esme && state_ == State::open && !bind_pending_);
  ASSERT(wire::check_any(smpp::Bind::fields, &body).ok());
  now_ = now;
  bind_command_ = command;
  interface_version_ = body.interface_version;
  submit_window_ = Window::size_max;
  window_.set_size(window);
  bind_sequence_ = window_.take_sequence();
  const std::size_t size = wire::pdu_header_size + wire::encoded_size(body);
  std::uint8_t* const to = output_.reserve(size);
  if (to == nullptr) return close(CloseCause::no_memory);
  wire::encode(body, smpp::write_header(to, static_cast<std::uint32_t>(size),
                                        static_cast<std::uint32_t>(command), 0, bind_sequence_));
  output_.commit(size);
  bind_pending_ = true;
}

void Session::request_done() {
  ASSERT(open_requests_ > 0);
  if (--open_requests_ == 0 && unbind_pending_ && closing_deadline_ != never) complete_unbind();
}

void Session::finish_unbind(Now now) {
  ASSERT(unbind_pending_);
  closing_deadline_ = now.mono + limits_.unbind;
  closing_because_ = CloseCause::unbound;
  if (open_requests_ == 0) complete_unbind();
}

void Session::complete_unbind() {
  unbind_pending_ = false;
  write_empty(static_cast<std::uint32_t>(Command::unbind_resp), Status::ESME_ROK, unbind_sequence_);
}

void Session::start_unbind(CloseCause cause, Now now) {
  now_ = now;
  if (close_cause_ != CloseCause::none || unbinding_) return;
  if (!bound()) return close(cause);
  own_unbind_sequence_ = window_.take_sequence();
  write_empty(static_cast<std::uint32_t>(Command::unbind), Status::ESME_ROK, own_unbind_sequence_);
  unbinding_ = true;
  closing_because_ = cause;
  closing_deadline_ = now.mono + limits_.unbind;
}

void Session::close(CloseCause cause) {
  // A peer that closes after its unbind, or during ours, ends for that reason and not for its own.
  if (cause == CloseCause::peer && closing_because_ != CloseCause::none) cause = closing_because_;
  if (close_cause_ == CloseCause::none) close_cause_ = cause;
  input_ = {};
}

void Session::on_heard(Now now) {
  last_heard_ = last_active_ = now.mono;
  enquire_deadline_ = never;
}

void Session::on_closed(CloseCause cause) {
  ASSERT(cause != CloseCause::none);
  close(cause);
  over_ = true;
}

// ---- time
// ----------------------------------------------------------------------------------------------------------

Nanos Session::deadline() const {
  if (close_cause_ != CloseCause::none) return never;
  Nanos at = std::min(init_deadline_, pdu_deadline_);
  at = std::min(at, closing_deadline_);
  at = std::min(at, window_.deadline());
  if (bound()) {
    if (enquire_deadline_ != never)
      at = std::min(at, enquire_deadline_);
    else
      at = std::min(at, after(last_heard_, limits_.enquire_link));
    if (!unbinding_) at = std::min(at, after(last_active_, limits_.inactivity));
  }
  return at;
}

void Session::on_deadline(Now now) {
  now_ = now;
  if (close_cause_ != CloseCause::none) return;
  if (closing_deadline_ <= now.mono) return close(closing_because_);
  if (init_deadline_ <= now.mono) return close(CloseCause::session_init);
  if (pdu_deadline_ <= now.mono) return close(CloseCause::pdu_read);
  if (!bound()) return;
  // While the window holds the peer back, its answers are not heard, so its silence proves nothing.
  if (blocked()) return on_heard(now);
  if (enquire_deadline_ <= now.mono) return close(CloseCause::enquire_link);
  if (after(last_active_, limits_.inactivity) <= now.mono && !unbinding_)
    return start_unbind(CloseCause::inactivity, now);
  if (enquire_deadline_ == never && after(last_heard_, limits_.enquire_link) <= now.mono) {
    write_empty(static_cast<std::uint32_t>(Command::enquire_link), Status::ESME_ROK,
                window_.take_sequence());
    enquire_deadline_ = now.mono + limits_.response;
  }
  // Requests that waited too long come out of next_event.
}

// ---- octets out
// ----------------------------------------------------------------------------------------------------

void Session::write_empty(std::uint32_t command_id, Status status, std::uint32_t sequence_number) {
  std::uint8_t* const to = output_.reserve(wire::pdu_header_size);
  if (to == nullptr) [[unlikely]]
    return close(CloseCause::no_memory);
  smpp::write_header(to, wire::pdu_header_size, command_id, static_cast<std::uint32_t>(status),
                     sequence_number);
  output_.commit(wire::pdu_header_size);
}

}  // namespace ringgate
