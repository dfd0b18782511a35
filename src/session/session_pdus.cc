// What the peer's PDUs mean: may it send that now, is it sound, and which event it makes.
#include <algorithm>

#include "session/session.h"

namespace ringgate {

using smpp::Command;
using smpp::Header;
using smpp::State;

namespace {

// A peer that answers questions nobody asked this many times in a row is not talking to us.
constexpr std::uint8_t unwanted_responses_max = 100;

Octets body_of(Octets frame) { return frame.subspan(wire::pdu_header_size); }

}  // namespace

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

}  // namespace ringgate
