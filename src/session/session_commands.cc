// What the owner has a session say.
#include "message/message_id.h"
#include "session/session.h"

namespace ringgate {

using smpp::Command;
using smpp::State;

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

void Session::write_empty(std::uint32_t command_id, Status status, std::uint32_t sequence_number) {
  std::uint8_t* const to = output_.reserve(wire::pdu_header_size);
  if (to == nullptr) [[unlikely]]
    return close(CloseCause::no_memory);
  smpp::write_header(to, wire::pdu_header_size, command_id, static_cast<std::uint32_t>(status),
                     sequence_number);
  output_.commit(wire::pdu_header_size);
}

}  // namespace ringgate
