// What the peer's responses mean, and which of our requests they end.
#include <algorithm>

#include "session/smpp_session.h"

namespace ringgate {

using smpp::Command;
using smpp::Header;

namespace {

// A peer that answers questions nobody asked this many times in a row is not talking to us.
constexpr std::uint8_t unwanted_responses_max = 100;

}  // namespace

/// Whether the peer may send such a response at all.
bool SmppSession::may_answer(std::uint32_t command_id) const {
  const smpp::CommandRow* const row = smpp::command_row(command_id);
  return row != nullptr && (role_ == Role::smsc ? row->esme_may : row->mc_may) != 0;
}

bool SmppSession::handle_response(const Header& header, Octets frame, Event& event) {
  // Whatever it answers, the peer is alive; some number their enquire_link_resp wrongly.
  enquire_deadline_ = never;
  const auto command = static_cast<Command>(header.command_id);
  if (command == Command::enquire_link_resp) return false;
  if (command == Command::unbind_resp) {
    if (unbinding_ && header.sequence_number == own_unbind_sequence_)
      close(closing_because_);
    else
      ++peer_faults_.unasked;
    return false;
  }
  auto status = static_cast<Status>(header.command_status);
  // A generic_nack is a refusal, also one whose sender forgot to say of what.
  if (command == Command::generic_nack && status == Status::ESME_ROK)
    status = Status::ESME_RUNKNOWNERR;
  if (bind_asked_) {
    const bool ours =
        header.sequence_number == bind_sequence_ &&
        (command == smpp::response_of(bind_command_) || command == Command::generic_nack);
    if (ours) handle_bind_resp(header, status, frame, event);
    return ours;
  }
  last_active_ = now_.mono;
  // In any state: answers to what we asked before an unbind come after it.
  const Command usual = role_ == Role::smsc ? Command::deliver_sm_resp : Command::submit_sm_resp;
  if ((command != usual && !may_answer(header.command_id)) ||
      !window_.close(header.sequence_number, event.token)) {
    ++peer_faults_.unasked;
    if (++unwanted_responses_ == unwanted_responses_max) close(CloseCause::unwanted_responses);
    return false;
  }
  unwanted_responses_ = 0;
  event.kind = EventKind::response;
  name_command(command);
  event.sequence_number = header.sequence_number;
  event.status = status;
  event.answered = true;
  event.message_id = {};
  if (role_ == Role::smsc) return true;  // What an ESME answers has none.
  const Octets body = frame.subspan(wire::pdu_header_size);
  if (details_ != nullptr) details_->body = body;
  const std::size_t size =
      wire::nul_index(body.data(), body.size(), std::min<std::size_t>(body.size(), 65));
  if (size != wire::no_nul)
    event.message_id = as_text(body.first(size));
  else if (!body.empty())
    ++peer_faults_.malformed;
  return true;
}

void SmppSession::handle_bind_resp(const Header& header, Status status, Octets frame,
                                   Event& event) {
  bind_asked_ = false;
  event.kind = EventKind::bound;
  name_command(static_cast<Command>(header.command_id));
  event.sequence_number = header.sequence_number;
  event.status = status;
  event.answered = true;
  if (details_ != nullptr) details_->tlvs = {};
  if (event.status != Status::ESME_ROK) {
    close(CloseCause::refused);
    return;
  }
  Cursor cursor{frame.data() + wire::pdu_header_size, frame.data() + frame.size()};
  smpp::BindResp body;
  if (details_ != nullptr && wire::decode_any(smpp::BindResp::fields, cursor, &body).ok())
    details_->tlvs = Octets(cursor.at, cursor.left());
  enter_bound(bind_command_, now_);
}

}  // namespace ringgate
