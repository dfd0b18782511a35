// query_sm, cancel_sm, replace_sm and the broadcast operations.
//
//   asker ── operation ──> owner of the id: backend ── operation_answer ──> asker
//
// The owner is the shard that gave out the id, which is where the backend has met the message, and
// which knows whom it was given to: it answers for ids of others as for those that there are not. A
// cancel without an id goes to every shard, and has done something if one of them has.
#include "message/operation.h"
#include "shard/shard.h"

namespace ringgate {
namespace {

// The time a backend has; then the client hears the failure of its operation.
constexpr Nanos patience = seconds(20);
// What one costs in work of a turn: it allocates and travels.
constexpr std::int64_t operation_work = 4;

// What a cancel without an id counts against the account's operation_rate: every shard looks for
// messages.
constexpr unsigned cancel_all_cost = 10;

// Open messages of an earlier run whose short forms follow each other: more are not passed over.
constexpr unsigned short_ids_passed_over_max = 4096;

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

void Shard::on_operation(Connection& connection, const Event& event) {
  counters_.operations.add();
  connection.session.charge(operation_work);
  const Account& account = *connection.account;
  const auto refuse = [&](Status status) {
    connection.session.answer_operation(event.operation, event.sequence_number, {}, failed(status));
  };
  const auto throttle = [&] {
    counters_.operations_throttled.add();
    note_refusal(account.index, Status::ESME_RTHROTTLED);
    refuse(Status::ESME_RTHROTTLED);
  };
  RateLimit& limit = account.state->operations;
  if (limit.limited() && !limit.admit(now_.mono)) return throttle();
  Status status = Status::ESME_ROK;
  auto parcel = read_operation(event, connection.session.id_style(), status);
  if (parcel == nullptr) return refuse(status);
  Operation& operation = parcel->operation;
  operation.system_id = account.options.system_id;
  parcel->account = account.index;
  OpenOperation* const open =
      operations_.open(account.index, options_.index, now_.mono + patience, operation.ticket);
  if (open == nullptr) return throttle();
  ASSERT(open->asked.none() && !open->done);
  open->from = connection.id;
  open->account = connection.account->index;
  open->sequence_number = event.sequence_number;
  open->kind = operation.kind;
  open->id_text = parcel->id_text;
  if (operation.kind == OperationKind::broadcast && !operation.names_id) {
    const NumberedId made = ids_.next();
    owners_.note(made.sequence, account.index);
    operation.id = made.id;
    char text[message_id_text_max];
    open->id_text.assign(text, write_message_id(operation.id, connection.session.id_style(), text));
    open->asked.set(options_.index);
    return run_operation(std::move(parcel));
  }
  if (operation.names_id) {
    const WrittenId written = parcel->short_form ? WrittenId{MessageId{*parcel->short_form}, true}
                                                 : WrittenId{operation.id, false};
    const unsigned owner = shard_of(written) % options_.count;
    open->asked.set(owner);
    return pass_on(std::move(parcel), owner);
  }
  if (limit.limited()) limit.reserve(now_.mono, cancel_all_cost - 1);
  for (unsigned shard = 0; shard < options_.count; ++shard) open->asked.set(shard);
  for (unsigned shard = 0; shard < options_.count; ++shard) {
    if (shard == options_.index) continue;
    Status again = Status::ESME_ROK;
    auto copy = read_operation(event, connection.session.id_style(), again);
    ASSERT(copy != nullptr);
    copy->operation.system_id = operation.system_id;
    copy->operation.ticket = operation.ticket;
    copy->account = account.index;
    pass_on(std::move(copy), shard);
  }
  run_operation(std::move(parcel));
}

void Shard::pass_on(std::unique_ptr<OperationParcel> parcel, unsigned shard) {
  ASSERT(shard < options_.count);
  if (shard == options_.index) return run_operation(std::move(parcel));
  world_.mesh.post(shard, make_mail(MailKind::operation, std::move(parcel)));
}

void Shard::run_operation(std::unique_ptr<OperationParcel> parcel) {
  ASSERT(parcel->account < directory_.size());
  Operation& operation = parcel->operation;
  operation.ticket.owner = static_cast<std::uint16_t>(options_.index);
  if (operation.names_id) {
    const bool known =
        complete_id(*parcel) && (PLANTED("no ownership") || gave_to(parcel->account, operation.id));
    if (!known) return answer(operation.ticket, failed(Status::ESME_RINVMSGID));
    if (safe_.keeps() && !PLANTED("no ownership") && answer_from_end(*parcel)) return;
  }
  if (operation.kind != OperationKind::replace)
    return backend_.on_operation(operation, now_, *this);
  // Shared, because an answer at once takes it out, and the backend still reads it.
  const std::shared_ptr<const OperationParcel> kept = std::move(parcel);
  const std::size_t octets = journal::size_of(replaced_by(kept->operation, ReceiptWish::none));
  const Status status = !safe_.keeps() ? Status::ESME_ROK : safe_.admit(octets, 1);
  if (status != Status::ESME_ROK) return answer(kept->operation.ticket, failed(status));
  if (!replacing_.add(kept, now_.mono + patience, octets)) {
    counters_.operations_throttled.add();
    note_refusal(kept->account, Status::ESME_RTHROTTLED);
    return answer(operation.ticket, failed(Status::ESME_RTHROTTLED));
  }
  backend_.on_operation(kept->operation, now_, *this);
}

// ---- whose an id is

const EndedMessage* Shard::find_ended(MessageId id) {
  for (const std::uint64_t sequence : options_.ids.sequences_of(id))
    if (const EndedMessage* const ended = safe_.find_ended(NumberedId{id, sequence})) return ended;
  return nullptr;
}

bool Shard::gave_to(std::uint32_t account, MessageId id) {
  if (const MessageRecord* const open = messages_.find_open(id)) return open->account == account;
  if (const EndedMessage* const ended = find_ended(id)) return ended->account == account;
  return ids_.is_ours(id) && owners_.account_of(options_.ids.sequence_of(id)) == account;
}

NumberedId Shard::next_id(const Connection& connection) {
  if (connection.session.interface_version() >= 0x34) [[likely]]
    return ids_.next();
  return next_short_id(connection.account->index);
}

/// For a client below 3.4: eight digits repeat after 67 million messages, after a restart sooner.
/// While one message has them and owes its receipt, no other of that account gets them.
NumberedId Shard::next_short_id(std::uint32_t account) {
  NumberedId id = ids_.next();
  for (unsigned i = 0; i < short_ids_passed_over_max; ++i) {
    if (messages_.find_short(options_.ids.short_form(id.id), account) == nullptr) break;
    id = ids_.next();
  }
  return id;
}

/// Finds the message of the asking account that a short form means: the newest that this shard has
/// given out, if it is the account's, or one that is still known from before. False when there is
/// none.
bool Shard::complete_id(OperationParcel& parcel) {
  if (!parcel.short_form) return true;
  const std::uint32_t form = *parcel.short_form;
  MessageId& id = parcel.operation.id;
  const std::uint32_t key = (form & ~short_sequence_mask) | options_.ids.short_sequence(form);
  const std::uint64_t last = ids_.next_sequence() - 1;
  const std::uint64_t newest = last - ((last - key) & short_sequence_mask);
  id = ids_.id_of(newest);
  if (options_.ids.short_form(id) == form &&
      owners_.account_of(newest & message_sequence_mask) == parcel.account)
    return true;
  if (const MessageRecord* const open = messages_.find_short(form, parcel.account)) {
    id = open->id;
    return true;
  }
  // A plain id of an earlier version is its own key.
  for (const std::uint32_t one : {key, form}) {
    const EndedMessage* const ended = safe_.find_ended(one, [&](const EndedMessage& candidate) {
      return candidate.account == parcel.account && options_.ids.short_form(candidate.id) == form;
    });
    if (ended != nullptr) {
      id = ended->id;
      return true;
    }
  }
  return false;
}

/// Messages that have ended are known here, whatever the backend still knows of them; those whose
/// receipt is still to be delivered as well.
bool Shard::answer_from_end(const OperationParcel& parcel) {
  const Operation& operation = parcel.operation;
  const bool of_messages = operation.kind == OperationKind::query ||
                           operation.kind == OperationKind::cancel ||
                           operation.kind == OperationKind::replace;
  if (!of_messages) return false;
  const MessageRecord* const open = messages_.find_open(operation.id);
  if (open != nullptr && !open->reported) return false;
  const EndedMessage end = open != nullptr ? safe_.end_of(*open) : EndedMessage{};
  const EndedMessage* const ended = open != nullptr ? &end : find_ended(operation.id);
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

void Shard::answer(OperationTicket ticket, const OperationAnswer& answer) {
  // Whatever was made of the ticket meanwhile: this shard says so, and for itself.
  ticket.owner = static_cast<std::uint16_t>(options_.index);
  OperationAnswerParcel parcel(ticket, answer);
  if (!replacing_.empty()) replace_answered(ticket, answer.status);
  if (ticket.shard == options_.index) return take_answer(parcel);
  if (ticket.shard >= options_.count) return;
  // What the operation has done is told when it is safe.
  post_when_safe(ticket.shard, make_mail(MailKind::operation_answer,
                                         std::make_unique<OperationAnswerParcel>(ticket, answer)));
}

void Shard::replace_answered(OperationTicket ticket, Status status) {
  const std::shared_ptr<const OperationParcel> parcel = replacing_.take(ticket);
  if (parcel == nullptr || status != Status::ESME_ROK) return;
  const Operation& operation = parcel->operation;
  ASSERT(operation.kind == OperationKind::replace);
  // Looked up anew: it may have ended meanwhile.
  MessageRecord* const record = messages_.find_open(operation.id);
  if (record == nullptr || record->account != parcel->account) return;
  // Its receipt is on its way and says what it says.
  if (record->reported) return;
  if (record->tracked) {
    const DefaultAlphabet alphabet = alphabet_of(record->account);
    record->snippet_size = 0;
    quotes_.set(*record, operation.text, alphabet, alphabet);
  }
  if (!safe_.keeps()) return;
  safe_.keep_replaced(replaced_by(operation, record->wish), *record);
}

void Shard::take_answer(const OperationAnswerParcel& parcel) {
  OpenOperation* const open = operations_.find(parcel.ticket);
  const std::uint16_t owner = parcel.ticket.owner;
  if (open == nullptr || owner >= open->asked.size() || !open->asked.test(owner)) return;
  open->asked.reset(owner);
  if (parcel.answer.status == Status::ESME_ROK) open->done = true;
  if (open->asked.any()) return;
  OperationAnswer answer = parcel.answer;
  if (open->done) answer.status = Status::ESME_ROK;
  answer_operation(*open, answer);
}

void Shard::answer_operation(OpenOperation& open, const OperationAnswer& answer) {
  ASSERT(open.link.linked());
  Connection* const connection =
      door(links_.find(open.from), open.account, "the answer to an operation");
  if (connection != nullptr && !connection->over) {
    connection->session.answer_operation(open.kind, open.sequence_number, open.id_text, answer);
    links_.touch(*connection);
  }
  operations_.close(open);
}

void Shard::expire_operations() {
  replacing_.expire(now_.mono);
  while (OpenOperation* const open = operations_.expired(now_.mono)) {
    OperationAnswer answer;
    answer.status = open->done ? Status::ESME_ROK : failure_of(open->kind);
    answer_operation(*open, answer);
  }
}

}  // namespace ringgate
