#include "shard/submits.h"

#include "base/rarely.h"

namespace ringgate {
namespace {

/// A long text is copied and decoded for the backend: so many octets of it are one unit of a turn's
/// work more.
constexpr std::size_t octets_per_part_work = 64;

}  // namespace

void Submits::on_submit(Connection& connection, const Event& event) {
  Intake& intake = rooms_.intake;
  Resubmissions& resubmissions = rooms_.resubmissions;
  ASSERT(event.content == &intake.next());
  house_.counters.submits.add();
  const bool may_come_again = Resubmissions::may_come_again(*connection.account);
  const Status status =
      rooms_.admission.admit(connection, event, may_come_again ? Safekeeping::resubmit_records : 0);
  if (status != Status::ESME_ROK) [[unlikely]]
    return rooms_.admission.refuse(connection, event, status);
  const NumberedId id = rooms_.ids.next(connection);
  if (may_come_again && resubmissions.is_repetition(connection, event, id.id)) [[unlikely]]
    return rooms_.admission.undo();
  MessageRecord* const record = intake.accept(connection, event.submit, id);
  if (may_come_again) [[unlikely]]
    resubmissions.watch(record);
  if (record == nullptr) {
    rooms_.admission.undo();
    return rooms_.admission.refuse(connection, event, Status::ESME_RMSGQFUL);
  }
  record->sequence_number = event.sequence_number;
  if (record->parcel != nullptr) [[unlikely]]
    connection.session.charge(
        static_cast<std::int64_t>(event.content->text.size() / octets_per_part_work));
  if (intake.full() || RARELY("the backend gets a message alone")) intake.flush();
}

Posted Submits::answer(Ticket ticket, Status status) {
  MessageRecord* const record = rooms_.books.messages.find(ticket);
  if (record == nullptr) return unknown(ticket);
  if (record->stage.answered()) {
    // The client was told otherwise in an earlier run; all that can be done is to say so now.
    if (!record->restored) return Posted::misuse;
    if (status != Status::ESME_ROK) return report(ticket, {MessageState::rejected, 0});
    return Posted::ok;
  }
  record->stage.answer();
  const bool accepted = status == Status::ESME_ROK;
  if (accepted && !rooms_.resubmissions.empty()) [[unlikely]]
    rooms_.resubmissions.answered(ticket.slot, true);
  if (accepted) {
    house_.counters.submits_ok.add();
  } else {
    house_.counters.submits_refused.add();
    rooms_.log.note_refusal(record->account, status);
  }
  if (record->parcel != nullptr) [[unlikely]]
    rooms_.parts.answered(*record, status);
  if (record->kind == RecordKind::submit_multi) [[unlikely]] {
    rooms_.multi.answered(*record, status);
    return Posted::ok;
  }
  record->stage.respond();
  // The client may have left before its answer: then it will never know, and the message lives on
  // all the same.
  Connection* const connection = rooms_.door.find(record->submitter, record->account, "an answer");
  if (connection != nullptr) {
    connection->session.answer_submit(record->kind, record->sequence_number, status, record->id);
    record->response_end = connection->session.output().written();
    rooms_.links.touch(*connection);
  }
  if (!accepted) {
    record->end = DeliverResult::refused;
    // An outcome that came first may have ended it in the journal already.
    rooms_.registry.release(*record);
    if (!rooms_.resubmissions.empty()) [[unlikely]]
      rooms_.resubmissions.answered(ticket.slot, false);
    return Posted::ok;
  }
  if (!rooms_.registry.awaits_outcome(*record)) {
    rooms_.registry.release_here(*record);
    return Posted::ok;
  }
  if (record->stage.reported()) rooms_.delivery.begin(*record);
  return Posted::ok;
}

Posted Submits::report(Ticket ticket, Outcome outcome) {
  MessageRecord* const record = rooms_.books.messages.find(ticket);
  if (record == nullptr) return unknown(ticket);
  if (record->stage.reported()) return Posted::misuse;
  if (!is_final(outcome.state)) {
    rooms_.delivery.notify(*record, outcome);
    return Posted::ok;
  }
  record->stage.report();
  record->outcome = outcome;
  record->done_s = house_.now.wall_s;
  record->expires_at = house_.now.mono + house_.receipt_expiry();
  if (!record->stage.answered() && !rooms_.resubmissions.empty()) [[unlikely]]
    rooms_.resubmissions.reported(ticket.slot);
  if (rooms_.safe.keeps()) {
    rooms_.safe.keep_outcome(*record);
    rooms_.tidings.given(record->id, record->kept.batch());
  } else {
    rooms_.tidings.given(record->id);
  }
  if (record->stage.responded()) rooms_.delivery.begin(*record);
  return Posted::ok;
}

}  // namespace ringgate
