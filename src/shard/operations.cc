#include "shard/operations.h"

#include "message/operation.h"

namespace ringgate {
namespace {

// The time a backend has; then the client hears the failure of its operation.
constexpr Nanos patience = seconds(20);
// What one costs in work of a turn: it allocates and travels.
constexpr std::int64_t operation_work = 4;

// What a cancel without an id counts against the account's operation_rate: every shard looks for
// messages.
constexpr unsigned cancel_all_cost = 10;

journal::Replaced replaced_by(const Operation& operation, ReceiptWish wish) {
  journal::Replaced replaced;
  replaced.wish = wish;
  replaced.sm_default_msg_id = operation.sm_default_msg_id;
  replaced.schedule_delivery_time = operation.schedule_delivery_time;
  replaced.validity_period = operation.validity_period;
  replaced.text = operation.text;
  return replaced;
}

OperationAnswer failed(Status status) {
  OperationAnswer answer;
  answer.status = status;
  return answer;
}

}  // namespace

void Operations::on_operation(Connection& connection, const Event& event) {
  house_.counters.operations.add();
  connection.session.charge(operation_work);
  const Account& account = *connection.account;
  const auto refuse = [&](Status status) {
    connection.session.answer_operation(event.operation, event.sequence_number, {}, failed(status));
  };
  const auto throttle = [&] {
    house_.counters.operations_throttled.add();
    log_.note_refusal(account.index, Status::ESME_RTHROTTLED);
    refuse(Status::ESME_RTHROTTLED);
  };
  const Rate& rate = account.operation_rate;
  RateLimit& limit = account.state->operations;
  if (rate.limited() && !limit.admit(rate, house_.now.mono)) return throttle();
  Status status = Status::ESME_ROK;
  auto parcel = read_operation(event, connection.session.id_style(), status);
  if (parcel == nullptr) return refuse(status);
  Operation& operation = parcel->operation;
  if (operation.kind == OperationKind::broadcast && !account.sources.allow(operation.source)) {
    house_.counters.submits_source_refused.add();
    return refuse(Status::ESME_RINVSRCADR);
  }
  operation.session = house_.session_of(connection.id);
  parcel->account = account.index;
  OpenOperation* const open =
      open_.open(account.index, house_.options.index, house_.now.mono + patience, operation.ticket);
  if (open == nullptr) return throttle();
  ASSERT(open->asked.none() && !open->done);
  open->from = connection.id;
  open->account = connection.account->index;
  open->sequence_number = event.sequence_number;
  open->kind = operation.kind;
  open->id_text = parcel->id_text;
  if (operation.kind == OperationKind::broadcast && !operation.names_id) {
    operation.id = ids_.next_for(account.index);
    char text[message_id_text_max];
    open->id_text.assign(text, write_message_id(operation.id, connection.session.id_style(), text));
    open->asked.set(house_.options.index);
    return run(std::move(parcel));
  }
  if (operation.names_id) {
    const WrittenId written = parcel->short_form ? WrittenId{MessageId{*parcel->short_form}, true}
                                                 : WrittenId{operation.id, false};
    const unsigned owner = shard_of(written) % house_.options.count;
    open->asked.set(owner);
    return pass_on(std::move(parcel), owner);
  }
  if (rate.limited()) limit.reserve(rate, house_.now.mono, cancel_all_cost - 1);
  for (unsigned shard = 0; shard < house_.options.count; ++shard) open->asked.set(shard);
  for (unsigned shard = 0; shard < house_.options.count; ++shard) {
    if (shard == house_.options.index) continue;
    Status again = Status::ESME_ROK;
    auto copy = read_operation(event, connection.session.id_style(), again);
    ASSERT(copy != nullptr);
    copy->operation.ticket = operation.ticket;
    copy->operation.session = operation.session;
    copy->account = account.index;
    pass_on(std::move(copy), shard);
  }
  run(std::move(parcel));
}

void Operations::pass_on(std::unique_ptr<OperationParcel> parcel, unsigned shard) {
  ASSERT(shard < house_.options.count);
  if (shard == house_.options.index) return run(std::move(parcel));
  house_.world.mesh.post(shard, make_mail(MailKind::operation, std::move(parcel)));
}

void Operations::run(std::unique_ptr<OperationParcel> parcel) {
  ASSERT(parcel->account < house_.directory().size());
  Operation& operation = parcel->operation;
  operation.ticket.owner = static_cast<std::uint16_t>(house_.options.index);
  // Borrowed for the backend's call, and no longer: accounts may change before the answer.
  operation.system_id = house_.directory().at(parcel->account).options.system_id;
  if (operation.names_id) {
    const bool known = ids_.complete(*parcel) &&
                       (PLANTED("no ownership") || ids_.gave_to(parcel->account, operation.id));
    if (!known) {
      answer(operation.ticket, failed(Status::ESME_RINVMSGID));
      return;
    }
    if (safe_.keeps() && !PLANTED("no ownership") && answer_from_end(*parcel)) return;
  }
  if (operation.kind != OperationKind::replace)
    return house_.backend.on_operations({&operation, 1}, house_.now, house_.replies);
  // Shared, because an answer at once takes it out, and the backend still reads it.
  const std::shared_ptr<const OperationParcel> kept = std::move(parcel);
  const std::size_t octets = journal::size_of(replaced_by(kept->operation, ReceiptWish::none));
  const Status status = !safe_.keeps() ? Status::ESME_ROK : safe_.admit(octets, 1);
  if (status != Status::ESME_ROK) {
    answer(kept->operation.ticket, failed(status));
    return;
  }
  if (!replacing_.add(kept, house_.now.mono + patience, octets)) {
    house_.counters.operations_throttled.add();
    log_.note_refusal(kept->account, Status::ESME_RTHROTTLED);
    answer(operation.ticket, failed(Status::ESME_RTHROTTLED));
    return;
  }
  house_.backend.on_operations({&kept->operation, 1}, house_.now, house_.replies);
}

/// Messages that have ended are known here, whatever the backend still knows of them; those whose
/// receipt is still to be delivered as well.
bool Operations::answer_from_end(const OperationParcel& parcel) {
  const Operation& operation = parcel.operation;
  const bool of_messages = operation.kind == OperationKind::query ||
                           operation.kind == OperationKind::cancel ||
                           operation.kind == OperationKind::replace;
  if (!of_messages) return false;
  const MessageRecord* const open = books_.messages.find_open(operation.id);
  if (open != nullptr && !open->stage.reported()) return false;
  const EndedMessage end = open != nullptr ? safe_.end_of(*open) : EndedMessage{};
  const EndedMessage* const ended = open != nullptr ? &end : ids_.find_ended(operation.id);
  if (ended == nullptr) return false;
  // gave_to() has said so, and one id is never of two accounts.
  ASSERT(ended->account == parcel.account);
  OperationAnswer answer;
  // A condition that the client sets itself, among its own messages: 32 bits of the address will
  // do.
  const bool same_source = operation.source.text.empty() ||
                           journal::address_hash(operation.source) == ended->source_hash;
  if (!same_source) {
    answer.status = Status::ESME_RINVMSGID;
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

Posted Operations::answer(OperationTicket ticket, const OperationAnswer& answer) {
  if (ticket.shard >= house_.options.count) return Posted::misuse;
  // Whatever was made of the ticket meanwhile: this shard says so, and for itself.
  ticket.owner = static_cast<std::uint16_t>(house_.options.index);
  OperationAnswerParcel parcel(ticket, answer);
  if (!replacing_.empty()) replace(ticket, answer.status);
  if (ticket.shard == house_.options.index) {
    take(parcel);
    return Posted::ok;
  }
  // What the operation has done is told when it is safe.
  post_when_safe(ticket.shard, make_mail(MailKind::operation_answer,
                                         std::make_unique<OperationAnswerParcel>(ticket, answer)));
  return Posted::ok;
}

void Operations::replace(OperationTicket ticket, Status status) {
  const std::shared_ptr<const OperationParcel> parcel = replacing_.take(ticket);
  if (parcel == nullptr || status != Status::ESME_ROK) return;
  const Operation& operation = parcel->operation;
  ASSERT(operation.kind == OperationKind::replace);
  // Looked up anew: it may have ended meanwhile.
  MessageRecord* const record = books_.messages.find_open(operation.id);
  if (record == nullptr || record->account != parcel->account) return;
  // Its receipt is on its way and says what it says.
  if (record->stage.reported()) return;
  if (record->tracked) {
    const DefaultAlphabet alphabet = house_.alphabet_of(record->account);
    record->snippet_size = 0;
    books_.quotes.set(*record, operation.text, alphabet, alphabet);
  }
  if (!safe_.keeps()) return;
  safe_.keep_replaced(replaced_by(operation, record->wish), *record);
}

void Operations::take(const OperationAnswerParcel& parcel) {
  OpenOperation* const open = open_.find(parcel.ticket);
  const std::uint16_t owner = parcel.ticket.owner;
  if (open == nullptr || owner >= open->asked.size() || !open->asked.test(owner)) return;
  open->asked.reset(owner);
  if (parcel.answer.status == Status::ESME_ROK) open->done = true;
  if (open->asked.any()) return;
  OperationAnswer answer = parcel.answer;
  if (open->done) answer.status = Status::ESME_ROK;
  respond(*open, answer);
}

void Operations::respond(OpenOperation& open, const OperationAnswer& answer) {
  ASSERT(open.link.linked());
  Connection* const connection = door_.find(open.from, open.account, "the answer to an operation");
  if (connection != nullptr) {
    connection->session.answer_operation(open.kind, open.sequence_number, open.id_text, answer);
    links_.touch(*connection);
  }
  open_.close(open);
}

void Operations::expire() {
  replacing_.expire(house_.now.mono);
  while (OpenOperation* const open = open_.expired(house_.now.mono)) {
    OperationAnswer answer;
    answer.status = open->done ? Status::ESME_ROK : failure_of(open->kind);
    respond(*open, answer);
  }
}

void Operations::post_when_safe(unsigned shard, const io::Mail& mail) {
  ASSERT(shard < house_.options.count && shard != house_.options.index);
  if (!safe_.keeps() || safe_.settled()) return house_.world.mesh.post(shard, mail);
  safe_.until_safe().add(safe_.last(), shard, mail);
}

}  // namespace ringgate
