// Requests of the peer: may it send that now, is it sound, and which event it makes.
#include "message/record.h"
#include "session/smpp_session.h"
#include "smpp/content_rows.h"
#include "smpp/submit_multi.h"

namespace ringgate {

using smpp::Command;
using smpp::Header;
using smpp::State;

namespace {

Cursor body_of(Octets frame) {
  return {frame.data() + wire::pdu_header_size, frame.data() + frame.size()};
}

}  // namespace

bool SmppSession::may_receive(const smpp::CommandRow& row) const {
  const std::uint8_t allowed = role_ == Role::smsc ? row.esme_may : row.mc_may;
  return (allowed & smpp::bit_of(state_)) != 0;
}

/// The error response to a request, in the matching response PDU; generic_nack where that has none.
bool SmppSession::refuse(const Header& header, Status status) {
  const std::uint32_t response = header.command_id | smpp::response_bit;
  const bool has_response = smpp::command_row(response) != nullptr;
  if (!unbinding_) ++peer_faults_.malformed;
  write_error(has_response ? response : static_cast<std::uint32_t>(Command::generic_nack),
              status_for_version(status, interface_version_), header.sequence_number);
  return false;
}

bool SmppSession::handle_request(const Header& header, Octets frame, Event& event) {
  const smpp::CommandRow* row = smpp::command_row(header.command_id);
  if (row == nullptr) {
    ++peer_faults_.malformed;
    write_empty(static_cast<std::uint32_t>(Command::generic_nack), Status::ESME_RINVCMDID,
                header.sequence_number);
    return false;
  }
  if (row->id == Command::enquire_link) {
    // Who waits for messages has nothing else to say. One that only sends should, now and then.
    if (can_receive()) last_active_ = now_.mono;
    write_empty(header.command_id | smpp::response_bit, Status::ESME_ROK, header.sequence_number);
    return false;
  }
  if (!may_receive(*row)) {
    const bool second_bind = (row->esme_may & smpp::in::fresh) == smpp::in::fresh && bound();
    return refuse(header, second_bind && role_ == Role::smsc ? Status::ESME_RALYBND
                                                             : Status::ESME_RINVBNDSTS);
  }
  name_command(row->id);
  event.sequence_number = header.sequence_number;
  if (row->id == Command::unbind) return handle_unbind(header, event);
  last_active_ = now_.mono;
  // We have said unbind: nothing new is taken, what is in hand still gets its answer.
  if (unbinding_) return refuse(header, Status::ESME_RINVBNDSTS);
  switch (row->id) {
    case Command::bind_transmitter:
    case Command::bind_receiver:
    case Command::bind_transceiver:
      return handle_bind(row->id, header, frame, event);
    case Command::submit_sm:
      return handle_submit_sm(header, frame, event);
    case Command::deliver_sm:
      return handle_deliver_sm(header, frame, event);
    case Command::data_sm:
      return handle_data_sm(header, frame, event);
    case Command::submit_multi:
      return handle_submit_multi(header, frame, event);
    case Command::query_sm:
    case Command::query_broadcast_sm:
    case Command::cancel_sm:
    case Command::replace_sm:
    case Command::broadcast_sm:
    case Command::cancel_broadcast_sm:
      return handle_operation(row->id, header, frame, event);
    case Command::alert_notification:
      return handle_notification(frame, event, EventKind::alert, &SmppEvent::alert);
    case Command::outbind:
      return handle_notification(frame, event, EventKind::outbind, &SmppEvent::outbind);
    default:
      return refuse(header, Status::ESME_RINVBNDSTS);
  }
}

/// The TLV part: what is left behind the mandatory fields.
[[gnu::always_inline]] inline Status SmppSession::take_tlvs(const Cursor& cursor, Octets& tlvs) {
  tlvs = Octets(cursor.at, cursor.left());
  return tlvs.empty() ? Status::ESME_ROK : smpp::check_tlvs(tlvs);
}

/// Rows into neutral content, which is left empty where the PDU has no such field; then TLVs.
template <class Pdu>
Status SmppSession::read_content(Cursor cursor, Content& content) {
  content = {};
  const wire::Verdict verdict = wire::decode_any(smpp::content_rows<Pdu>, cursor, &content);
  return verdict.ok() ? take_tlvs(cursor, content.tlvs) : smpp::status_of<Pdu>(verdict);
}

[[gnu::always_inline]] inline bool SmppSession::accept_request(Event& event, EventKind kind) {
  event.kind = kind;
  ++open_requests_;
  return true;
}

bool SmppSession::handle_submit_sm(const Header& header, Octets frame, Event& event) {
  last_active_ = now_.mono;
  unwanted_responses_ = 0;
  if (unbinding_) [[unlikely]]
    return refuse(header, Status::ESME_RINVBNDSTS);
  Cursor cursor = body_of(frame);
  Content& content = *event.content;
  const wire::Verdict verdict =
      wire::decode_rows<smpp::content_rows<smpp::ShortMessage>>(cursor, &content);
  Status status = smpp::status_of<smpp::ShortMessage>(verdict);
  if (status == Status::ESME_ROK) status = take_tlvs(cursor, content.tlvs);
  if (status == Status::ESME_ROK)
    status = smpp::check_submit(content, interface_version_, *quirks_, now_.wall_s);
  if (status != Status::ESME_ROK) [[unlikely]]
    return refuse(header, status);
  name_command(Command::submit_sm);
  event.submit = RecordKind::submit_sm;
  event.sequence_number = header.sequence_number;
  return accept_request(event, EventKind::submit);
}

bool SmppSession::handle_deliver_sm(const Header& header, Octets frame, Event& event) {
  Content& content = *event.content;
  const Status status = read_content<smpp::ShortMessage>(body_of(frame), content);
  if (status != Status::ESME_ROK) return refuse(header, status);
  if (const auto payload = smpp::find_tlv(content.tlvs, smpp::Tag::message_payload))
    content.text = *payload;
  return accept_request(event, EventKind::deliver);
}

/// data_sm is shown as the short message it could have been; the command tells which it was.
bool SmppSession::handle_data_sm(const Header& header, Octets frame, Event& event) {
  Content& content = *event.content;
  Status status = read_content<smpp::DataSm>(body_of(frame), content);
  if (status != Status::ESME_ROK) return refuse(header, status);
  const auto payload = smpp::find_tlv(content.tlvs, smpp::Tag::message_payload);
  content.text = payload.value_or(Octets{});
  if (role_ == Role::esme) return accept_request(event, EventKind::deliver);
  if (!payload) return refuse(header, Status::ESME_RMISSINGTLV);
  // data_sm has room for 64 characters (5.0 §4.2.3.1), but no number is that long, and a receipt
  // could not repeat it.
  if (!smpp::destination_is_sound(content.destination) ||
      content.destination.text.size() > StoredAddress::size_max)
    return refuse(header, Status::ESME_RINVDSTADR);
  status = smpp::check_message(content, *quirks_);
  if (status != Status::ESME_ROK) return refuse(header, status);
  event.submit = RecordKind::data_sm;
  return accept_request(event, EventKind::submit);
}

bool SmppSession::handle_submit_multi(const Header& header, Octets frame, Event& event) {
  Cursor cursor = body_of(frame);
  Content& content = *event.content;
  content.destination = {};
  Octets list;
  std::uint8_t count = 0;
  Status status = smpp::decode_submit_multi(cursor, interface_version_, content, list, count);
  if (status == Status::ESME_ROK) status = take_tlvs(cursor, content.tlvs);
  if (status == Status::ESME_ROK)
    status =
        smpp::check_times(content.schedule_delivery_time, content.validity_period, now_.wall_s);
  if (status == Status::ESME_ROK) status = smpp::find_text(content, interface_version_, *quirks_);
  if (status == Status::ESME_ROK) status = smpp::check_message(content, *quirks_);
  if (status != Status::ESME_ROK) return refuse(header, status);
  event.destinations.clear();
  smpp::DestinationList entries(list);
  for (unsigned i = 0; i < count; ++i) {
    smpp::DestAddress entry;
    const Status read = entries.next(entry);
    ASSERT(read == Status::ESME_ROK);
    const Address address{entry.dest_addr_ton, entry.dest_addr_npi, entry.destination_addr};
    event.destinations.push_back({address, smpp::check_destination(address, *quirks_)});
  }
  event.submit = RecordKind::submit_multi;
  return accept_request(event, EventKind::submit_multi);
}

/// As read_content, with the message_id.
template <class Pdu>
Status SmppSession::read_named(Cursor cursor, Event& event) {
  smpp::NamedContent named;
  const wire::Verdict verdict = wire::decode_any(smpp::named_rows<Pdu>, cursor, &named);
  *event.content = named.content;
  event.message_id = named.message_id;
  return verdict.ok() ? take_tlvs(cursor, event.content->tlvs) : smpp::status_of<Pdu>(verdict);
}

bool SmppSession::handle_operation(Command command, const Header& header, Octets frame,
                                   Event& event) {
  const auto operation = smpp::operation_of(command);
  ASSERT(operation);
  event.operation = *operation;
  const Cursor cursor = body_of(frame);
  Status status = Status::ESME_ROK;
  switch (*operation) {
    case OperationKind::query:
    case OperationKind::query_broadcast:
      status = read_named<smpp::QuerySm>(cursor, event);
      break;
    case OperationKind::cancel:
      status = read_named<smpp::CancelSm>(cursor, event);
      break;
    case OperationKind::replace:
      status = read_replace(cursor, event);
      break;
    case OperationKind::broadcast:
      status = read_broadcast(cursor, event);
      break;
    case OperationKind::cancel_broadcast:
      status = read_named<smpp::CancelBroadcastSm>(cursor, event);
      break;
  }
  if (status != Status::ESME_ROK) return refuse(header, status);
  return accept_request(event, EventKind::operation);
}

Status SmppSession::read_replace(Cursor cursor, Event& event) const {
  if (quirks_->replace_sm_service_type) {
    // Kannel writes a service_type that neither document has; what follows it is the body.
    const std::size_t nul = wire::nul_index(cursor.at, cursor.left(), 6);
    if (nul == wire::no_nul) return Status::ESME_RINVSERTYP;
    cursor.at += nul + 1;
  }
  const Status status = read_named<smpp::ReplaceSm>(cursor, event);
  if (status != Status::ESME_ROK) return status;
  Content& content = *event.content;
  if (const auto payload = smpp::find_tlv(content.tlvs, smpp::Tag::message_payload))
    content.text = *payload;
  return smpp::check_times(content.schedule_delivery_time, content.validity_period, now_.wall_s);
}

Status SmppSession::read_broadcast(Cursor cursor, Event& event) const {
  Status status = read_named<smpp::BroadcastSm>(cursor, event);
  if (status != Status::ESME_ROK) return status;
  Content& content = *event.content;
  content.text = smpp::find_tlv(content.tlvs, smpp::Tag::message_payload).value_or(Octets{});
  status = smpp::check_times(content.schedule_delivery_time, content.validity_period, now_.wall_s);
  // The four TLVs that 5.0 §4.4.1.1 makes mandatory.
  for (const smpp::Tag tag :
       {smpp::Tag::broadcast_area_identifier, smpp::Tag::broadcast_content_type,
        smpp::Tag::broadcast_rep_num, smpp::Tag::broadcast_frequency_interval}) {
    if (status == Status::ESME_ROK && !smpp::find_tlv(content.tlvs, tag))
      status = Status::ESME_RMISSINGTLV;
  }
  return status;
}

/// PDUs without a response: a broken one is dropped in silence, because there is nothing to say it
/// in. Only an ESME gets them.
template <class Body>
bool SmppSession::handle_notification(Octets frame, Event& event, EventKind kind,
                                      Body SmppEvent::*body) {
  if (details_ == nullptr) return false;
  Cursor cursor = body_of(frame);
  if (!wire::decode_any(Body::fields, cursor, &(details_->*body)).ok() ||
      take_tlvs(cursor, details_->tlvs) != Status::ESME_ROK) {
    ++peer_faults_.malformed;
    return false;
  }
  if (kind == EventKind::outbind) state_ = State::outbound;
  event.kind = kind;
  return true;
}

bool SmppSession::handle_bind(Command command, const Header& header, Octets frame, Event& event) {
  Cursor cursor = body_of(frame);
  smpp::Bind bind;
  const auto& fields = limits_.long_passwords ? smpp::Bind::lenient_fields : smpp::Bind::fields;
  const wire::Verdict verdict = wire::decode_any(fields, cursor, &bind);
  if (!verdict.ok()) {
    ++malformed_binds_;
    // The fields in front of it have been read.
    malformed_bind_.system_id = verdict.field == 0 ? std::string_view{} : bind.system_id;
    malformed_bind_.field = smpp::Bind::fields[verdict.field].name;
    malformed_bind_.status = smpp::status_of<smpp::Bind>(verdict);
    return refuse(header, malformed_bind_.status);
  }
  // A refused peer waits until we close: further guesses are not looked at, or the delay would slow
  // nobody down.
  if (closing_because_ == CloseCause::refused) return refuse(header, Status::ESME_RBINDFAIL);
  bind_command_ = command;
  bind_sequence_ = header.sequence_number;
  interface_version_ = bind.interface_version;
  bind_pending_ = true;
  event.kind = EventKind::bind;
  event.system_id = bind.system_id;
  event.password = bind.password;
  event.system_type = bind.system_type;
  event.address_range = {bind.addr_ton, bind.addr_npi, bind.address_range};
  event.mode = bind_command_ == Command::bind_transmitter ? BindMode::transmitter
               : bind_command_ == Command::bind_receiver  ? BindMode::receiver
                                                          : BindMode::transceiver;
  return true;
}

bool SmppSession::handle_unbind(const Header& header, Event& event) {
  if (unbind_pending_) {
    write_empty(header.command_id | smpp::response_bit, Status::ESME_ROK, header.sequence_number);
    return false;
  }
  state_ = State::unbound;
  unbind_pending_ = true;
  unbind_sequence_ = header.sequence_number;
  event.kind = EventKind::unbind;
  return true;
}

}  // namespace ringgate
