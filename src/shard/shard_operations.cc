// query_sm, cancel_sm, replace_sm and the broadcast operations.
//
//   asker ── operation ──> owner of the id: backend ── operation_answer ──> asker
//
// The owner is the shard that gave out the id, which is where the backend has met the message. A
// cancel without an id goes to every shard, and has done something if one of them has.
#include "message/operation.h"
#include "shard/shard.h"
#include "smpp/operations.h"
#include "text/smpp_time.h"

namespace ringgate {
namespace {

using smpp::Command;

// The time a backend has; then the client hears the failure of its operation.
constexpr Nanos patience = seconds(20);
// What one costs in work of a turn: it allocates and travels.
constexpr std::int64_t operation_work = 4;

std::pair<unsigned, std::uint64_t> key_of(OperationTicket ticket) {
  return {ticket.shard, ticket.name};
}

}  // namespace

void Shard::on_operation(Connection& connection, const Event& event) {
  counters_.operations.add();
  connection.session.charge(operation_work);
  Status status = Status::ESME_ROK;
  auto parcel = read_operation(event.command, event.body, connection.session.id_style(), status);
  if (parcel == nullptr)
    return connection.session.answer_empty(event.command, event.sequence_number, status);
  Operation& operation = parcel->operation;
  operation.system_id = connection.account->options.system_id;
  OpenOperation* const open =
      operations_.open(options_.index, now_.mono + patience, operation.ticket);
  if (open == nullptr)
    return connection.session.answer_empty(event.command, event.sequence_number,
                                           Status::ESME_RTHROTTLED);
  open->from = connection.id;
  open->account = connection.account->index;
  open->sequence_number = event.sequence_number;
  open->command = event.command;
  open->kind = operation.kind;
  open->id_text = parcel->id_text;
  if (operation.kind == OperationKind::broadcast && !operation.names_id) {
    operation.id = ids_.next();
    char text[message_id_text_max];
    open->id_text.assign(text, write_message_id(operation.id, connection.session.id_style(), text));
    return run_operation(std::move(parcel));
  }
  if (operation.names_id)
    return pass_on(std::move(parcel),
                   shard_of({operation.id, operation.short_id}) % options_.count);
  open->waiting = static_cast<std::uint16_t>(options_.count);
  for (unsigned shard = 0; shard < options_.count; ++shard) {
    if (shard == options_.index) continue;
    Status again = Status::ESME_ROK;
    auto copy = read_operation(event.command, event.body, connection.session.id_style(), again);
    copy->operation.system_id = operation.system_id;
    copy->operation.ticket = operation.ticket;
    pass_on(std::move(copy), shard);
  }
  run_operation(std::move(parcel));
}

void Shard::pass_on(std::unique_ptr<OperationParcel> parcel, unsigned shard) {
  if (shard == options_.index) return run_operation(std::move(parcel));
  world_.mesh.post(shard, make_mail(MailKind::operation, std::move(parcel)));
}

void Shard::run_operation(std::unique_ptr<OperationParcel> parcel) {
  Operation& operation = parcel->operation;
  operation.ticket.owner = static_cast<std::uint16_t>(options_.index);
  if (ended_ != nullptr && operation.names_id && answer_from_end(operation)) return;
  if (journal_ == nullptr || operation.kind != OperationKind::replace)
    return backend_.on_operation(operation, now_, *this);
  // The new text is needed once more if the backend agrees.
  const OperationParcel& kept = *parcel;
  if (replacing_.size() >= OpenOperations::count_max) replacing_.erase(replacing_.begin());
  replacing_[key_of(operation.ticket)] = std::move(parcel);
  backend_.on_operation(kept.operation, now_, *this);
}

/// Messages that have ended are known here, whatever the backend still knows of them; those whose
/// receipt is still to be delivered as well.
bool Shard::answer_from_end(const Operation& operation) {
  const bool of_messages = operation.kind == OperationKind::query ||
                           operation.kind == OperationKind::cancel ||
                           operation.kind == OperationKind::replace;
  if (!of_messages) return false;
  const MessageRecord* const open = find_named(operation);
  if (open != nullptr && (!open->reported || open->kind == RecordKind::mo)) return false;
  const EndedMessage end = open != nullptr ? end_of(*open) : EndedMessage{};
  const EndedMessage* const ended = open != nullptr ? &end : ended_->find(operation, now_.wall_s);
  if (ended == nullptr) return false;
  OperationAnswer answer;
  const bool same_account = directory_.at(ended->account).options.system_id == operation.system_id;
  const bool same_source = operation.source.text.empty() ||
                           journal::address_hash(operation.source) == ended->source_hash;
  if (!same_account || !same_source) {
    answer.status = Status::ESME_RINVMSGID;  // Others' messages are never shown.
  } else if (operation.kind == OperationKind::query) {
    answer.state = ended->state;
    answer.final_s = ended->done_s;
    answer.error = static_cast<std::uint8_t>(std::min<std::uint16_t>(ended->error, 255));
  } else {
    answer.status = failure_of(operation.kind);
  }
  this->answer(operation.ticket, answer);
  return true;
}

void Shard::answer(OperationTicket ticket, const OperationAnswer& answer) {
  OperationAnswerParcel parcel(ticket, answer);
  if (!replacing_.empty()) replace_answered(ticket, answer.status);
  if (ticket.shard == options_.index) return take_answer(parcel);
  if (ticket.shard >= options_.count) return;
  // What the operation has done is told when it is safe.
  post_when_safe(ticket.shard, make_mail(MailKind::operation_answer,
                                         std::make_unique<OperationAnswerParcel>(ticket, answer)));
}

void Shard::replace_answered(OperationTicket ticket, Status status) {
  const auto found = replacing_.find(key_of(ticket));
  if (found == replacing_.end()) return;
  const std::unique_ptr<OperationParcel> parcel = std::move(found->second);
  replacing_.erase(found);
  if (status != Status::ESME_ROK) return;
  const Operation& operation = parcel->operation;
  MessageRecord* const record = find_named(operation);
  if (record == nullptr) return;
  journal::Replaced replaced;
  replaced.wish = record->wish;
  replaced.sm_default_msg_id = operation.sm_default_msg_id;
  replaced.schedule_delivery_time = operation.schedule_delivery_time;
  replaced.validity_period = operation.validity_period;
  replaced.text = operation.text;
  keep_replaced(replaced, *record);
}

void Shard::take_answer(const OperationAnswerParcel& parcel) {
  OpenOperation* const open = operations_.find(parcel.ticket);
  if (open == nullptr) return;
  if (parcel.answer.status == Status::ESME_ROK) open->done = true;
  if (--open->waiting != 0) return;
  OperationAnswer answer = parcel.answer;
  if (open->done) answer.status = Status::ESME_ROK;
  answer_operation(*open, answer);
}

void Shard::answer_operation(OpenOperation& open, const OperationAnswer& answer) {
  Connection* const connection = door(find(open.from), open.account, "the answer to an operation");
  if (connection != nullptr && !connection->over) {
    Session& session = connection->session;
    const auto put_tlvs = [&](std::uint8_t* at) {
      if (!answer.tlvs.empty()) std::memcpy(at, answer.tlvs.data(), answer.tlvs.size());
      return at + answer.tlvs.size();
    };
    const std::size_t room = open.id_text.size() + 1 + 64 + answer.tlvs.size();
    if (answer.status != Status::ESME_ROK) {
      session.answer_empty(open.command, open.sequence_number, answer.status);
    } else if (open.command == Command::query_sm) {
      char final_date[16];
      if (answer.final_s != 0) write_smpp_time(answer.final_s, final_date);
      const smpp::QuerySmResp body{
          open.id_text,
          {final_date, answer.final_s != 0 ? sizeof final_date : 0u},
          static_cast<std::uint8_t>(state_for_version(answer.state, session.interface_version())),
          answer.error};
      session.answer(open.command, open.sequence_number, room,
                     [&](std::uint8_t* to) { return put_tlvs(wire::encode(body, to)); });
    } else if (open.command == Command::broadcast_sm ||
               open.command == Command::query_broadcast_sm) {
      session.answer(open.command, open.sequence_number, room, [&](std::uint8_t* to) {
        to = wire::encode(smpp::MessageIdResp{open.id_text}, to);
        if (open.command == Command::query_broadcast_sm) {
          const auto state = static_cast<std::uint8_t>(answer.state);
          to = wire::write_keyed(static_cast<std::uint16_t>(smpp::Tag::message_state),
                                 Octets(&state, 1), to);
        }
        return put_tlvs(to);
      });
    } else {
      session.answer_empty(open.command, open.sequence_number, Status::ESME_ROK);
    }
    touch(*connection);
  }
  operations_.close(open);
}

void Shard::expire_operations() {
  while (OpenOperation* const open = operations_.expired(now_.mono)) {
    OperationAnswer answer;
    answer.status = open->done ? Status::ESME_ROK : failure_of(open->kind);
    answer_operation(*open, answer);
  }
}

}  // namespace ringgate
