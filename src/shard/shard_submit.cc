// Submits: admission, the batch for the backend, and the answers.
#include <algorithm>

#include "base/rarely.h"
#include "shard/shard.h"

namespace ringgate {
namespace {

/// Member by member: what was written in small pieces and is copied with a large load waits until
/// the pieces have left the store buffer, which took half of on_submit's time.
[[gnu::always_inline]] inline void set(Address& to, std::uint8_t ton, std::uint8_t npi,
                                       std::string_view text) {
  to.ton = ton;
  to.npi = npi;
  to.text = text;
}

/// A long text is copied and decoded for the backend: so many octets of it are one unit of a turn's
/// work more.
constexpr std::size_t octets_per_part_work = 64;

/// What the journal writes of a submit until it is answered. Also where there is no journal: it is
/// less than a branch.
[[gnu::always_inline]] inline std::size_t octets_to_keep(const Event& event) {
  const smpp::ShortMessage& pdu = event.message;
  return journal::record_size(sizeof(journal::AcceptedBody) + pdu.source_addr.size() +
                              pdu.destination_addr.size() + pdu.service_type.size() +
                              pdu.schedule_delivery_time.size() + pdu.validity_period.size() +
                              journal::content_size(event.text, event.tlvs));
}

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
  if (!event.tlvs.empty() || (event.message.esm_class & smpp::esm_class_udhi) != 0) [[unlikely]]
    if (const std::optional<Status> status = take_rate_of_part(connection, event, count))
      return *status;
  if (!limit.admit(now_.mono)) return Status::ESME_RTHROTTLED;
  if (count > 1) limit.reserve(now_.mono, count - 1);
  return Status::ESME_ROK;
}

/// Whether the journal has room for `count` messages more, whose records take `octets` in all; if
/// so, that is theirs.
Status Shard::check_room(std::uint64_t octets, std::uint64_t count) {
  ASSERT(journal_ != nullptr);
  switch (journal_->admit(octets, count)) {
    case journal::Room::ok:
      return Status::ESME_ROK;
    case journal::Room::slow:
      pressure_.slow.met(now_.mono);
      return Status::ESME_RTHROTTLED;
    case journal::Room::full:
      pressure_.full.met(now_.mono);
      return Status::ESME_RMSGQFUL;
  }
  UNREACHABLE();
}

[[gnu::always_inline]] inline Status Shard::check_rate(Connection& connection, const Event& event,
                                                       unsigned count, std::uint64_t octets) {
  if (draining_) [[unlikely]]
    return Status::ESME_RSUBMITFAIL;
  if (journal_ != nullptr && journal_->admit(octets, count) != journal::Room::ok) [[unlikely]]
    return check_room(octets, count);
  if (!connection.account->state->submits.limited()) [[likely]]
    return Status::ESME_ROK;
  return take_rate(connection, event, count);
}

Status Shard::check_rate_of_many(Connection& connection, const Event& event, std::uint64_t octets) {
  return check_rate(connection, event, event.destination_count, octets);
}

void Shard::on_submit(Connection& connection, const Event& event) {
  counters_.submits.add();
  const bool may_come_again = connection.account->options.resubmit_window_s != 0;
  const Status status = check_rate(connection, event, 1,
                                   octets_to_keep(event) + (may_come_again ? resubmit_records : 0));
  if (status != Status::ESME_ROK) [[unlikely]]
    return refuse_submit(connection, event, status,
                         status == Status::ESME_RTHROTTLED ? counters_.submits_throttled
                                                           : counters_.submits_refused);
  if (event.tlvs.size() > kept_tlvs_max && journal_ != nullptr) [[unlikely]]
    return refuse_submit(connection, event, Status::ESME_RINVMSGLEN, counters_.submits_refused);
  const NumberedId id = connection.session.interface_version() < 0x34
                            ? next_short_id(connection.account->index)
                            : ids_.next();
  if (may_come_again && meets_again(connection, event, id.id)) [[unlikely]]
    return;
  const smpp::ShortMessage& pdu = event.message;
  const auto kind =
      event.command == smpp::Command::data_sm ? RecordKind::data_sm : RecordKind::submit_sm;
  MessageRecord* const record = accept(
      connection, event, kind, id, {pdu.dest_addr_ton, pdu.dest_addr_npi, pdu.destination_addr});
  if (may_come_again) [[unlikely]]
    watch(record);
  if (record == nullptr)
    return refuse_submit(connection, event, Status::ESME_RMSGQFUL, counters_.submits_refused);
  record->sequence_number = event.sequence_number;
  if (record->parcel != nullptr) [[unlikely]]
    connection.session.charge(static_cast<std::int64_t>(event.text.size() / octets_per_part_work));
  if (batch_size_ == batch_max || RARELY("the backend gets a message alone")) flush_batch();
}

/// Makes the record and puts the message into the batch. Null when there is no room for it, or for
/// the receipt it may owe.
[[gnu::always_inline]] inline MessageRecord* Shard::accept(Connection& connection,
                                                           const Event& event, RecordKind kind,
                                                           NumberedId id,
                                                           const Address& destination) {
  const Account& account = *connection.account;
  const smpp::ShortMessage& pdu = event.message;
  const auto wish = static_cast<ReceiptWish>(pdu.registered_delivery & 0x03);
  const bool intermediate = (pdu.registered_delivery & 0x10) != 0;
  // Accepting a message that may owe a receipt reserves the receipt's place, so that it never has
  // to be dropped.
  const bool tracked = wish != ReceiptWish::none || intermediate;
  const bool admitted =
      uses_.admits_message(account.index, tracked) && !RARELY("there is no place for a message");
  MessageRecord* const record =
      admitted ? messages_.begin(id, account.index, connection.id) : nullptr;
  if (record == nullptr) [[unlikely]]
    return nullptr;

  record->submitted_s = now_.wall_s;
  record->kind = kind;
  record->wish = wish;
  record->intermediate = intermediate;
  record->tracked = tracked;
  record->awaited = tracked || journal_ != nullptr;
  AccountUse& use = uses_.of(account.index);
  ++use.messages;
  if (tracked) {
    ++use.receipts;
    record->source.set({pdu.source_addr_ton, pdu.source_addr_npi, pdu.source_addr});
    record->destination.set(destination);
    record->data_coding = pdu.data_coding;
    record->esm_class = pdu.esm_class;
    quotes_.set(*record, account, event.text, account.options.quirks.default_alphabet);
  }
  if (!event.tlvs.empty() || (pdu.esm_class & smpp::esm_class_udhi) != 0) [[unlikely]]
    keep_part(*record, event, destination);
  if (journal_ != nullptr) keep(*record, record->slot, account, event, destination);
  messages_.note_open(*record);
  owners_.note(id.sequence, account.index);
  counters_.messages_open.add();

  ASSERT(batch_size_ < batch_max);
  Submit& submit = batch_[batch_size_++];
  submit.ticket = messages_.ticket_of(*record);
  submit.id = id.id;
  submit.system_id = account.options.system_id;
  submit.service_type = pdu.service_type;
  set(submit.source, pdu.source_addr_ton, pdu.source_addr_npi, pdu.source_addr);
  set(submit.destination, destination.ton, destination.npi, destination.text);
  submit.esm_class = pdu.esm_class;
  submit.protocol_id = pdu.protocol_id;
  submit.priority_flag = pdu.priority_flag;
  submit.data_coding = pdu.data_coding;
  submit.replace_if_present_flag = pdu.replace_if_present_flag;
  submit.sm_default_msg_id = pdu.sm_default_msg_id;
  submit.receipt = wish;
  submit.intermediate = intermediate;
  submit.outcome_wanted = record->awaited;
  submit.restored = false;
  submit.schedule_delivery_time = pdu.schedule_delivery_time;
  submit.validity_period = pdu.validity_period;
  submit.text = event.text;
  submit.tlvs = event.tlvs;
  submit.default_alphabet = account.options.quirks.default_alphabet;
  return record;
}

MessageRecord* Shard::accept_destination(Connection& connection, const Event& event, NumberedId id,
                                         const Address& destination) {
  return accept(connection, event, RecordKind::submit_multi, id, destination);
}

void Shard::refuse_submit(Connection& connection, const Event& event, Status status,
                          Counter& counter) {
  ASSERT(status != Status::ESME_ROK);
  counter.add();
  note_refusal(connection.account->index, status);
  connection.session.answer_submit(event.command, event.sequence_number, status, {});
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

[[gnu::always_inline]] inline void Shard::release(MessageRecord& record, std::uint32_t slot) {
  ASSERT(!record.link.linked() && !record.timer.armed());
  ASSERT(!record.notice_open);
  if (record.journal_units != 0) forget(record, slot);
  if (record.parcel != nullptr) [[unlikely]]
    drop_parcel(record);
  AccountUse& use = uses_.of(record.account);
  ASSERT(use.messages != 0 && use.receipts >= (record.tracked ? 1u : 0u));
  --use.messages;
  if (record.tracked) --use.receipts;
  messages_.release(record, slot);
  counters_.messages_open.subtract();
}

void Shard::release(MessageRecord& record) { release(record, record.slot); }

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
    const auto command =
        record->kind == RecordKind::data_sm ? smpp::Command::data_sm : smpp::Command::submit_sm;
    connection->session.answer_submit(command, record->sequence_number, status, record->id);
    record->response_end = connection->session.output().written();
    links_.touch(*connection);
  }
  if (status != Status::ESME_ROK) {
    record->end = DeliverResult::refused;
    // An outcome that came first may have ended it in the journal already.
    release(*record, ticket.slot);
    if (!resubmits_.empty()) [[unlikely]]
      watched_answered(ticket.slot, false);
    return;
  }
  if (!record->awaited) return release(*record, ticket.slot);
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
  if (journal_ != nullptr) keep_outcome(*record);
  if (record->responded) send_receipt(*record);
}

}  // namespace ringgate
