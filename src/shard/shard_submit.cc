// Submits: admission, the batch for the backend, and the answers.
#include <algorithm>

#include "base/rarely.h"
#include "shard/shard.h"

namespace ringgate {
namespace {

/// A long text is copied and decoded for the backend: so many octets of it are one unit of a turn's
/// work more.
constexpr std::size_t octets_per_part_work = 64;

}  // namespace

/// Only where there is a limit.
Status Shard::take_rate(Connection& connection, const Event& event, unsigned count) {
  const Account& account = *connection.account;
  ASSERT(count != 0);
  RateLimit& limit = account.state->submits;
  ASSERT(limit.limited());
  if (account.options.over_rate == OverRate::pace) {
    connection.pace_until = limit.reserve(now_.mono, count);
    return Status::ESME_ROK;
  }
  const Content& content = *event.content;
  if (!content.tlvs.empty() || content.has_udh()) [[unlikely]]
    if (const std::optional<Status> status = take_rate_of_part(connection, event, count))
      return *status;
  if (!limit.admit(now_.mono)) return Status::ESME_RTHROTTLED;
  if (count > 1) limit.reserve(now_.mono, count - 1);
  return Status::ESME_ROK;
}

/// What a submit must pass, whatever PDU brings it: for `count` messages, of which the journal has
/// to hold `octets` each.
template <class F>
[[gnu::always_inline]] inline Status Shard::admit(Connection& connection, const Event& event,
                                                  unsigned count, F&& octets) {
  if (draining_) [[unlikely]]
    return Status::ESME_RSUBMITFAIL;
  if (safe_.keeps()) {
    if (event.content->tlvs.size() > kept_tlvs_max) [[unlikely]]
      return Status::ESME_RINVMSGLEN;
    const std::uint64_t size = std::uint64_t{count} * octets(*event.content);
    const Status status = safe_.admit(size, count);
    if (status != Status::ESME_ROK) [[unlikely]]
      return status;
  }
  if (!connection.account->state->submits.limited()) [[likely]]
    return Status::ESME_ROK;
  return take_rate(connection, event, count);
}

/// The journal takes all destinations or none; so does the account's rate.
Status Shard::admit_many(Connection& connection, const Event& event) {
  return admit(connection, event, static_cast<unsigned>(event.destinations.size()),
               [](const Content& content) {
                 return journal::accepted_size(content, StoredAddress::size_max);
               });
}

void Shard::on_submit(Connection& connection, const Event& event) {
  ASSERT(event.content == &next_submit());
  counters_.submits.add();
  const bool may_come_again = connection.account->options.resubmit_window_s != 0;
  const Status status = admit(connection, event, 1, [&](const Content& content) {
    return journal::accepted_size(content) + (may_come_again ? Safekeeping::resubmit_records : 0);
  });
  if (status != Status::ESME_ROK) [[unlikely]]
    return refuse_submit(connection, event, status);
  const NumberedId id = next_id(connection);
  if (may_come_again && meets_again(connection, event, id.id)) [[unlikely]]
    return;
  MessageRecord* const record = accept(connection, event.submit, id);
  if (may_come_again) [[unlikely]]
    watch(record);
  if (record == nullptr) return refuse_submit(connection, event, Status::ESME_RMSGQFUL);
  record->sequence_number = event.sequence_number;
  if (record->parcel != nullptr) [[unlikely]]
    connection.session.charge(
        static_cast<std::int64_t>(event.content->text.size() / octets_per_part_work));
  if (batch_size_ == batch_max || RARELY("the backend gets a message alone")) flush_batch();
}

/// Makes a record of the content that lies where the batch goes on, and the batch longer by it.
/// Null when there is no room for it, or for the receipt it may owe.
[[gnu::always_inline]] inline MessageRecord* Shard::accept(Connection& connection, RecordKind kind,
                                                           NumberedId id) {
  const Account& account = *connection.account;
  Submit& submit = next_submit();
  const ReceiptWish wish = submit.receipt();
  const bool intermediate = submit.intermediate();
  // Accepting a message that may owe a receipt reserves the receipt's place, so that it never has
  // to be dropped.
  const bool tracked = wish != ReceiptWish::none || intermediate;
  const bool admitted =
      uses_.admits_message(account.index, tracked) && !RARELY("there is no place for a message");
  MessageRecord* const record =
      admitted ? messages_.begin(id, account.index, connection.id) : nullptr;
  if (record == nullptr) [[unlikely]]
    return nullptr;
  ++batch_size_;

  record->submitted_s = now_.wall_s;
  record->kind = kind;
  record->wish = wish;
  record->intermediate = intermediate;
  record->tracked = tracked;
  record->awaited = tracked || safe_.keeps();
  AccountUse& use = uses_.of(account.index);
  ++use.messages;
  if (tracked) {
    ++use.receipts;
    record->source.set(submit.source);
    record->destination.set(submit.destination);
    record->data_coding = submit.data_coding;
    record->esm_class = submit.esm_class;
    const DefaultAlphabet alphabet = account.options.quirks.default_alphabet;
    quotes_.set(*record, submit.text, alphabet, alphabet);
  }
  if (!submit.tlvs.empty() || submit.has_udh()) [[unlikely]]
    keep_part(*record, submit);
  if (safe_.keeps()) safe_.accept(*record, submit);
  messages_.note_open(*record);
  owners_.note(id.sequence, account.index);
  counters_.messages_open.add();

  submit.ticket = messages_.ticket_of(*record);
  submit.id = id.id;
  submit.system_id = account.options.system_id;
  submit.outcome_wanted = record->awaited;
  submit.restored = false;
  submit.default_alphabet = account.options.quirks.default_alphabet;
  return record;
}

MessageRecord* Shard::accept_destination(Connection& connection, const Content& content,
                                         const Address& destination, NumberedId id) {
  Submit& submit = next_submit();
  static_cast<Content&>(submit) = content;
  submit.destination = destination;
  return accept(connection, RecordKind::submit_multi, id);
}

void Shard::count_refused(Status status, unsigned count) {
  ASSERT(status != Status::ESME_ROK);
  (status == Status::ESME_RTHROTTLED ? counters_.submits_throttled : counters_.submits_refused)
      .add(count);
}

void Shard::refuse_submit(Connection& connection, const Event& event, Status status) {
  count_refused(status, 1);
  note_refusal(connection.account->index, status);
  connection.session.answer_submit(event.submit, event.sequence_number, status, {});
}

void Shard::flush_batch() {
  if (batch_size_ == 0) return;
  const std::size_t size = batch_size_;
  ASSERT(size <= batch_max);
  // Reset first: a backend that answers may make this shard read on, and what it reads starts a new
  // batch.
  batch_size_ = 0;
  backend_.on_submits({batch_.data(), size}, now_, *this);
}

void Shard::drop_parcel(MessageRecord& record) {
  // A part has given its octets back when it was answered.
  ASSERT(record.kind == RecordKind::mo);
  parcels_.remove(*record.parcel);
  delete record.parcel;
}

[[gnu::always_inline]] inline void Shard::release_now(MessageRecord& record) {
  ASSERT(!record.link.linked() && !record.timer.armed());
  ASSERT(!record.notice_open);
  if (record.journal_units != 0) safe_.end(record);
  if (record.parcel != nullptr) [[unlikely]]
    drop_parcel(record);
  AccountUse& use = uses_.of(record.account);
  ASSERT(use.messages != 0 && use.receipts >= (record.tracked ? 1u : 0u));
  --use.messages;
  if (record.tracked) --use.receipts;
  messages_.release(record);
  counters_.messages_open.subtract();
}

void Shard::release(MessageRecord& record) { release_now(record); }

void Shard::answer(Ticket ticket, Status status) {
  MessageRecord* const record = messages_.find(ticket);
  if (record == nullptr) return;
  if (record->answered) {
    // The client was told otherwise in an earlier run; all that can be done is to say so now.
    if (record->restored && status != Status::ESME_ROK) report(ticket, {MessageState::rejected, 0});
    return;
  }
  record->answered = true;
  if (status == Status::ESME_ROK && !resubmits_.empty()) [[unlikely]]
    watched_answered(ticket.slot, true);
  if (status == Status::ESME_ROK) {
    counters_.submits_ok.add();
  } else {
    counters_.submits_refused.add();
    note_refusal(record->account, status);
  }
  if (record->parcel != nullptr) [[unlikely]]
    part_answered(*record, status);
  if (record->kind == RecordKind::submit_multi) [[unlikely]]
    return multi_answered(*record, status);
  record->responded = true;
  // The client may have left before its answer: then it will never know, and the message lives on
  // all the same.
  Connection* const connection = door(links_.find(record->submitter), record->account, "an answer");
  if (connection != nullptr && !connection->over) {
    connection->session.answer_submit(record->kind, record->sequence_number, status, record->id);
    record->response_end = connection->session.output().written();
    links_.touch(*connection);
  }
  if (status != Status::ESME_ROK) {
    record->end = DeliverResult::refused;
    // An outcome that came first may have ended it in the journal already.
    release_now(*record);
    if (!resubmits_.empty()) [[unlikely]]
      watched_answered(ticket.slot, false);
    return;
  }
  if (!record->awaited) return release_now(*record);
  if (record->reported) send_receipt(*record);
}

void Shard::report(Ticket ticket, Outcome outcome) {
  MessageRecord* const record = messages_.find(ticket);
  if (record == nullptr || record->reported) return;
  if (!is_final(outcome.state)) return send_notice(*record, outcome);
  record->reported = true;
  record->outcome = outcome;
  record->done_s = now_.wall_s;
  record->expires_at = now_.mono + receipt_expiry();
  if (!record->answered && !resubmits_.empty()) [[unlikely]]
    watched_reported(ticket.slot);
  if (safe_.keeps()) safe_.keep_outcome(*record);
  if (record->responded) send_receipt(*record);
}

}  // namespace ringgate
