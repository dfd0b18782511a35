// What the owner has a session say.

#include "message/message_id.h"
#include "session/smpp_session.h"
#include "smpp/deliver_pdu.h"
#include "text/smpp_time.h"

namespace ringgate {

using smpp::Command;
using smpp::State;

namespace {

constexpr std::size_t congestion_tlv_size = wire::keyed_header_size + 1;

}  // namespace

// ---- binding

void SmppSession::enter_bound(Command bind_command, Now now) {
  state_ = bind_command == Command::bind_transmitter ? State::bound_tx
           : bind_command == Command::bind_receiver  ? State::bound_rx
                                                     : State::bound_trx;
  init_deadline_ = never;
  pdu_size_max_ = limits_.pdu_size_max;
  last_active_ = now.mono;
}

void SmppSession::accept_bind(std::string_view system_id, std::uint32_t submit_window,
                              std::uint32_t deliver_window, const QuirkOptions& quirks, Now now) {
  ASSERT(role_ == Role::smsc && bind_pending_);
  now_ = now;
  bind_pending_ = false;
  quirks_ = &quirks;
  id_format_ = quirks.message_id;
  submit_window_ = submit_window;
  window_.set_size(deliver_window);
  if (quirks.interface_version != 0) interface_version_ = quirks.interface_version;
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

void SmppSession::revise(std::uint32_t submit_window, std::uint32_t deliver_window,
                         const QuirkOptions& quirks) {
  ASSERT(role_ == Role::smsc && !bind_pending_);
  quirks_ = &quirks;
  submit_window_ = submit_window;
  window_.resize(deliver_window);
}

void SmppSession::await_verdict(Nanos until) {
  ASSERT(role_ == Role::smsc && bind_pending_);
  init_deadline_ = std::max(init_deadline_, until + 1);
}

void SmppSession::refuse_bind(Status status, Now now, Nanos delay) {
  ASSERT(role_ == Role::smsc && bind_pending_);
  now_ = now;
  bind_pending_ = false;
  write_empty(static_cast<std::uint32_t>(smpp::response_of(bind_command_)),
              status_for_version(status, interface_version_), bind_sequence_);
  closing_deadline_ = now.mono + delay;
  closing_because_ = CloseCause::refused;
}

/// A request with nothing but its body. False, and the session over, when there is no memory.
template <class Body>
bool SmppSession::send(Command command, std::uint32_t sequence_number, const Body& body) {
  const std::size_t size = wire::pdu_header_size + wire::encoded_size(body);
  std::uint8_t* const to = output_.reserve(size);
  if (to == nullptr) {
    close(CloseCause::no_memory);
    return false;
  }
  wire::encode(body, smpp::write_header(to, static_cast<std::uint32_t>(size),
                                        static_cast<std::uint32_t>(command), 0, sequence_number));
  output_.commit(size);
  return true;
}

void SmppSession::bind(Command command, const smpp::Bind& body, std::uint32_t window, Now now) {
  ASSERT(role_ == Role::esme && (state_ == State::open || state_ == State::outbound) &&
         !bind_asked_);
  ASSERT(wire::check_any(smpp::Bind::lenient_fields, &body).ok());
  now_ = now;
  bind_command_ = command;
  interface_version_ = body.interface_version;
  submit_window_ = Window::size_max;
  window_.set_size(window);
  bind_sequence_ = window_.take_sequence();
  if (!send(command, bind_sequence_, body)) return;
  bind_asked_ = true;
}

void SmppSession::outbind(std::string_view system_id, std::string_view password, Now now) {
  ASSERT(role_ == Role::smsc && state_ == State::open);
  now_ = now;
  if (!send(Command::outbind, window_.take_sequence(), smpp::Outbind{system_id, password})) return;
  state_ = State::outbound;
}

// ---- answers

namespace {

constexpr std::uint32_t response_to(RecordKind submit) {
  if (submit == RecordKind::submit_sm) [[likely]]
    return static_cast<std::uint32_t>(Command::submit_sm_resp);
  return static_cast<std::uint32_t>(submit == RecordKind::data_sm ? Command::data_sm_resp
                                                                  : Command::submit_multi_resp);
}

}  // namespace

void SmppSession::answer_submit(RecordKind submit, std::uint32_t sequence_number, Status status,
                                MessageId id) {
  const std::uint32_t response = response_to(submit);
  if (status == Status::ESME_ROK) [[likely]] {
    std::uint8_t* const to =
        output_.reserve(wire::pdu_header_size + message_id_text_max + 1 + congestion_tlv_size);
    if (to == nullptr) [[unlikely]]
      return close(CloseCause::no_memory);
    const std::size_t size = write_message_id(id, id_style(), to + wire::pdu_header_size);
    to[wire::pdu_header_size + size] = 0;
    std::size_t whole = wire::pdu_header_size + size + 1;
    if (tells_congestion()) [[unlikely]]
      whole += write_congestion(to + whole);
    smpp::write_header(to, static_cast<std::uint32_t>(whole), response, 0, sequence_number);
    output_.commit(whole);
  } else {
    write_error(response, status_for_version(status, interface_version_), sequence_number);
  }
  request_done();
}

void SmppSession::answer_submit_multi(std::uint32_t sequence_number, MessageId id,
                                      std::span<const Destination> failures) {
  char text[message_id_text_max];
  const std::size_t text_size = write_message_id(id, id_style(), text);
  ASSERT(failures.size() <= 255);
  answer(Command::submit_multi, sequence_number,
         text_size + 2 + failures.size() * unsuccess_sme_max, [&](std::uint8_t* to) {
           const smpp::SubmitMultiResp body{std::string_view(text, text_size),
                                            static_cast<std::uint8_t>(failures.size())};
           to = wire::encode(body, to);
           for (const Destination& failure : failures) {
             const Address& address = failure.address;
             const Status status = status_for_version(failure.status, interface_version_);
             to = wire::encode(smpp::UnsuccessSme{address.text, static_cast<std::uint32_t>(status),
                                                  address.ton, address.npi},
                               to);
           }
           return to;
         });
}

void SmppSession::answer_operation(OperationKind operation, std::uint32_t sequence_number,
                                   std::string_view id_text, const OperationAnswer& answer) {
  const Command command = smpp::command_of(operation);
  const bool tells_id = operation == OperationKind::query ||
                        operation == OperationKind::broadcast ||
                        operation == OperationKind::query_broadcast;
  if (answer.status != Status::ESME_ROK || !tells_id)
    return answer_empty(command, sequence_number, answer.status);
  const std::size_t room = id_text.size() + 1 + 64 + answer.tlvs.size();
  this->answer(command, sequence_number, room, [&](std::uint8_t* to) {
    if (operation == OperationKind::query) {
      char final_date[16];
      if (answer.final_s != 0) write_smpp_time(answer.final_s, final_date);
      const MessageState state = state_for_version(answer.state, interface_version_);
      to =
          wire::encode(smpp::QuerySmResp{id_text,
                                         {final_date, answer.final_s != 0 ? sizeof final_date : 0u},
                                         static_cast<std::uint8_t>(state),
                                         answer.error},
                       to);
    } else {
      to = wire::encode(smpp::MessageIdResp{id_text}, to);
    }
    if (operation == OperationKind::query_broadcast) {
      const auto state = static_cast<std::uint8_t>(answer.state);
      to = wire::write_keyed(static_cast<std::uint16_t>(smpp::Tag::message_state),
                             Octets(&state, 1), to);
    }
    if (!answer.tlvs.empty()) std::memcpy(to, answer.tlvs.data(), answer.tlvs.size());
    return to + answer.tlvs.size();
  });
}

void SmppSession::answer_empty(Command request, std::uint32_t sequence_number, Status status) {
  const auto response = static_cast<std::uint32_t>(smpp::response_of(request));
  if (status == Status::ESME_ROK)
    answer(request, sequence_number, 0, [](std::uint8_t* to) { return to; });
  else {
    write_error(response, status_for_version(status, interface_version_), sequence_number);
    request_done();
  }
}

void SmppSession::answer_deliver(Command request, std::uint32_t sequence_number, Status status) {
  if (status != Status::ESME_ROK) {
    write_empty(static_cast<std::uint32_t>(smpp::response_of(request)), status, sequence_number);
    return request_done();
  }
  // message_id is unused here: one NUL (5.0 §4.3.2).
  answer(request, sequence_number, 1, [](std::uint8_t* to) {
    *to = 0;
    return to + 1;
  });
}

void SmppSession::request_done() {
  ASSERT(open_requests_ > 0);
  if (--open_requests_ == 0 && unbind_pending_ && closing_deadline_ != never) complete_unbind();
}

// ---- unbinding

void SmppSession::finish_unbind(Now now) {
  ASSERT(unbind_pending_);
  closing_deadline_ = now.mono + limits_.unbind;
  closing_because_ = CloseCause::unbound;
  if (open_requests_ == 0) complete_unbind();
}

void SmppSession::complete_unbind() {
  unbind_pending_ = false;
  write_empty(static_cast<std::uint32_t>(Command::unbind_resp), Status::ESME_ROK, unbind_sequence_);
}

void SmppSession::start_unbind(CloseCause cause, Now now, Nanos grace) {
  now_ = now;
  if (close_cause_ != CloseCause::none) return;
  if (unbinding_) {
    closing_deadline_ = std::min(closing_deadline_, now.mono + grace);
    return;
  }
  if (!bound()) return close(cause);
  own_unbind_sequence_ = window_.take_sequence();
  write_empty(static_cast<std::uint32_t>(Command::unbind), Status::ESME_ROK, own_unbind_sequence_);
  unbinding_ = true;
  closing_because_ = cause;
  closing_deadline_ = now.mono + grace;
}

// ---- octets out

Admit SmppSession::submit(std::uint64_t token, Now now, const Content& message) {
  ASSERT(role_ == Role::esme);
  return request(token, now, smpp::deliver_pdu_max(message),
                 [&](std::uint32_t sequence_number, std::uint8_t* to) {
                   return smpp::write_submit(message, interface_version_, sequence_number, to);
                 });
}

Admit SmppSession::deliver(std::uint64_t token, Now now, const Content& message) {
  if (!smpp::deliver_fits(message, interface_version_)) return Admit::unfit;
  return request(token, now, smpp::deliver_pdu_max(message),
                 [&](std::uint32_t sequence_number, std::uint8_t* to) {
                   return smpp::write_deliver(message, interface_version_, sequence_number, to);
                 });
}

Admit SmppSession::deliver(std::uint64_t token, Now now, const MessageRecord& message,
                           Quotes& quotes) {
  IdStyle ids = id_style();
  // The id of an earlier version, which is told as it was told.
  if (message.sequence == (message.id.value & message_sequence_mask)) ids.codec = nullptr;
  return request(token, now, Quotes::pdu_max, [&](std::uint32_t sequence_number, std::uint8_t* to) {
    return quotes.write(message, ids, sequence_number, to);
  });
}

bool SmppSession::alert(const Alert& alert) {
  // 3.3 does not know it.
  if (!can_receive() || interface_version_ < 0x34) return false;
  smpp::AlertNotification body;
  body.source_addr_ton = alert.source.ton;
  body.source_addr_npi = alert.source.npi;
  body.source_addr = alert.source.text;
  body.esme_addr_ton = alert.esme.ton;
  body.esme_addr_npi = alert.esme.npi;
  body.esme_addr = alert.esme.text;
  const std::size_t size = wire::pdu_header_size + wire::encoded_size(body) +
                           (alert.has_availability ? wire::keyed_header_size + 1 : 0);
  std::uint8_t* const to = output_.reserve(size);
  if (to == nullptr) return false;
  std::uint8_t* const at =
      wire::encode(body, smpp::write_header(to, static_cast<std::uint32_t>(size),
                                            static_cast<std::uint32_t>(Command::alert_notification),
                                            0, window_.take_sequence()));
  if (alert.has_availability)
    wire::write_keyed(static_cast<std::uint16_t>(smpp::Tag::ms_availability_status),
                      Octets(&alert.ms_availability_status, 1), at);
  output_.commit(size);
  return true;
}

std::size_t SmppSession::write_congestion(std::uint8_t* to) const {
  wire::write_keyed(static_cast<std::uint16_t>(smpp::Tag::congestion_state),
                    Octets(&limits_.congestion_state, 1), to);
  return congestion_tlv_size;
}

void SmppSession::write_empty(std::uint32_t command_id, Status status,
                              std::uint32_t sequence_number) {
  std::uint8_t* const to = output_.reserve(wire::pdu_header_size);
  if (to == nullptr) [[unlikely]]
    return close(CloseCause::no_memory);
  smpp::write_header(to, wire::pdu_header_size, command_id, static_cast<std::uint32_t>(status),
                     sequence_number);
  output_.commit(wire::pdu_header_size);
}

/// An error response has no body (3.4 §4.4.2), unless the account's client wants the NUL of an
/// empty message_id.
void SmppSession::write_error(std::uint32_t command_id, Status status,
                              std::uint32_t sequence_number) {
  const std::size_t body = quirks_->error_body == ErrorBody::nul ? 1 : 0;
  std::uint8_t* const to = output_.reserve(wire::pdu_header_size + body + congestion_tlv_size);
  if (to == nullptr) [[unlikely]]
    return close(CloseCause::no_memory);
  to[wire::pdu_header_size] = 0;
  std::size_t whole = wire::pdu_header_size + body;
  if (tells_congestion()) [[unlikely]]
    whole += write_congestion(to + whole);
  smpp::write_header(to, static_cast<std::uint32_t>(whole), command_id,
                     static_cast<std::uint32_t>(status), sequence_number);
  output_.commit(whole);
}

}  // namespace ringgate
