// After a restart: the records that recovery has written become messages again. What has no outcome
// goes to the backend once more, the rest waits to be delivered.
#include <algorithm>

#include "session/content_part.h"
#include "shard/shard.h"

namespace ringgate {
namespace {

using journal::RecordType;

}  // namespace

void Shard::restore(std::uint32_t segment, const journal::BatchHeader& header, Octets batch) {
  ASSERT(safe_.keeps());
  Octets records = journal::records_of(header, batch);
  journal::RecordView record;
  bool broken = false;
  while (journal::next_record(records, record, broken)) {
    switch (record.header.type) {
      case RecordType::accepted:
        restore_accepted(record, segment);
        break;
      case RecordType::outcome:
        restore_outcome(record);
        break;
      case RecordType::retry:
        restore_retry(record);
        break;
      case RecordType::state:
        safe_.restore_state(record, segment, options_.ids.sequence_of(record.id()));
        break;
      case RecordType::resubmit: {
        const auto body = record.fixed<journal::ResubmitBody>();
        ASSERT(body);
        ASSERT(body->account < directory_.size());
        const ResubmitKey key{body->key[0], body->key[1]};
        Resubmits& resubmits = directory_.at(body->account).state->resubmits;
        const std::uint32_t until_s = resubmit_until(body->account, body->until_s);
        if (resubmits.restore(key, record.id(), until_s))
          watch_kept({key, record.id(), body->account, until_s, segment});
        break;
      }
      case RecordType::closed:
      case RecordType::replaced:
      case RecordType::checkpoint:
        break;
    }
  }
  ASSERT(!broken);
  // The submits borrow the batch.
  flush_batch();
}

void Shard::restore_accepted(const journal::RecordView& view, std::uint32_t segment) {
  const auto message = journal::read_accepted(view);
  ASSERT(message);
  const bool is_mo = message->kind == RecordKind::mo;
  const std::uint32_t slot = message->slot;
  ASSERT(slot < options_.journal->start.messages);
  ASSERT(message->account < directory_.size());
  const std::uint64_t sequence = message->permuted ? options_.ids.sequence_of(message->id)
                                                   : message->id.value & message_sequence_mask;
  MessageRecord* const record =
      &messages_.begin_at(slot, {message->id, sequence}, message->account);
  counters_.messages_open.add();
  counters_.messages_restored.add();
  record->submitted_s = record->done_s = message->submitted_s;
  set_expiry(*record);
  // Nobody waits for a response any more, so one destination of a submit_multi is a message like
  // any other.
  record->kind = message->kind == RecordKind::submit_multi ? RecordKind::submit_sm : message->kind;
  record->wish = message->receipt();
  record->intermediate = message->intermediate();
  record->tracked = !is_mo && (record->wish != ReceiptWish::none || record->intermediate);
  record->awaited = true;
  record->restored = true;
  record->answered = record->responded = true;
  record->source.set(message->source);
  record->destination.set(message->destination);
  record->source_hash = journal::address_hash(message->source);
  safe_.restore(*record, segment, view.octets.size());
  messages_.note_open(*record);
  AccountUse& use = uses_.of(message->account);
  ++use.messages;
  if (record->tracked) ++use.receipts;
  if (is_mo) {
    auto parcel = std::make_unique<Parcel>(*message);
    parcel->id = message->id;
    parcel->account = message->account;
    parcels_.push_back(*parcel);
    record->parcel = parcel.release();
    record->reported = true;
    directory_.at(message->account).state->mo_open.fetch_add(1, std::memory_order_relaxed);
    until_safe_.add(*record);
    return;
  }
  record->data_coding = message->data_coding;
  record->esm_class = message->esm_class;
  quotes_.set(*record, message->text, message->default_alphabet, alphabet_of(message->account));
  if (message->trimmed) {
    until_safe_.add(*record);  // Its outcome follows, and perhaps a retry.
    return;
  }
  rewatch(*message);
  resubmit(*record, *message);
}

/// Gives the backend a message of an earlier run.
void Shard::resubmit(MessageRecord& record, const journal::Accepted& message) {
  ASSERT(!record.reported);
  Submit& submit = next_submit();
  ++batch_size_;
  static_cast<Content&>(submit) = message;
  const Octets payload = payload_of(message.tlvs);
  // What replace_sm has put into its place is a short_message.
  const bool replaced = !payload.empty() && !std::ranges::equal(payload, message.text);
  std::vector<std::uint8_t> other_tlvs;
  if (replaced) submit.tlvs = other_tlvs = without_payload(message.tlvs);
  if (!payload.empty() && !replaced) submit.text = payload;
  if (!submit.tlvs.empty() || submit.has_udh()) {
    keep_part(record, submit);
    if (record.parcel != nullptr) part_answered(record, Status::ESME_ROK);
  }
  submit.ticket = messages_.ticket_of(record);
  submit.id = record.id;
  submit.system_id = directory_.at(record.account).options.system_id;
  submit.outcome_wanted = true;
  submit.restored = true;
  submit.default_alphabet = message.default_alphabet;
  if (batch_size_ == batch_max || replaced) flush_batch();
}

void Shard::restore_outcome(const journal::RecordView& view) {
  const auto body = view.fixed<journal::OutcomeBody>();
  MessageRecord* const record = messages_.find_open(view.header.slot, view.id());
  ASSERT(body && record != nullptr);
  record->reported = true;
  record->outcome = {static_cast<MessageState>(view.header.code), body->error};
  record->done_s = body->done_s;
  set_expiry(*record);
  safe_.restore_more(*record, view.octets.size());
}

void Shard::restore_retry(const journal::RecordView& view) {
  const auto body = view.fixed<journal::RetryBody>();
  MessageRecord* const record = messages_.find_open(view.header.slot, view.id());
  ASSERT(body && record != nullptr);
  ASSERT(record->kept_attempts == 0);
  safe_.restore_more(*record, view.octets.size());
  record->attempts = record->kept_attempts = static_cast<std::uint16_t>(body->attempts);
  record->kept_next_s = body->next_s;
  const std::int64_t rest_s = std::int64_t{body->next_s} - now_.wall_s;
  record->put_off_s =
      static_cast<std::uint16_t>(std::clamp(rest_s, std::int64_t{0}, retry_delay_max / seconds(1)));
}

/// Of what was to be delivered since done_s, however long that seems to be.
void Shard::set_expiry(MessageRecord& record) const {
  record.expires_at =
      now_.mono + seconds(rest_after_restart_s(record.done_s + options_.receipt_expiry_s,
                                               options_.receipt_expiry_s, now_));
}

void Shard::restored() {
  ASSERT(safe_.keeps() && batch_size_ == 0);
  // What the backend has reported meanwhile stands in the same list, and is not safe yet.
  on_safe();
}

}  // namespace ringgate
