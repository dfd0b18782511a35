#include "shard/restoration.h"

#include <algorithm>

#include "routing/outbox.h"
#include "session/content_part.h"

namespace ringgate {
namespace {

using journal::RecordType;

}  // namespace

void Restoration::restore(std::uint32_t segment, const journal::BatchHeader& header, Octets batch) {
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
        safe_.restore_state(record, segment, house_.options.ids.sequence_of(record.id()));
        break;
      case RecordType::resubmit:
        resubmissions_.restore(record, segment);
        break;
      case RecordType::closed:
      case RecordType::replaced:
      case RecordType::checkpoint:
        break;
    }
  }
  ASSERT(!broken);
  // The submits borrow the batch.
  intake_.flush();
}

void Restoration::restore_accepted(const journal::RecordView& view, std::uint32_t segment) {
  const auto message = journal::read_accepted(view);
  ASSERT(message);
  ASSERT(message->account < house_.directory().size());
  const std::uint64_t sequence = message->permuted ? house_.options.ids.sequence_of(message->id)
                                                   : message->id.value & message_sequence_mask;
  MessageRecord& record = registry_.begin_restored(*message, {message->id, sequence});
  set_expiry(record);
  safe_.restore(record, *message, segment, view.octets.size());
  books_.messages.note_open(record);
  if (record.kind == RecordKind::mo) {
    auto parcel = std::make_unique<Parcel>(*message);
    parcel->id = message->id;
    parcel->account = message->account;
    registry_.attach(record, std::move(parcel));
    house_.directory().at(message->account).state->mo_open.fetch_add(1, std::memory_order_relaxed);
    safe_.until_safe().add(record);
    return;
  }
  record.data_coding = message->data_coding;
  record.esm_class = message->esm_class;
  books_.quotes.set(record, message->text, message->default_alphabet,
                    house_.alphabet_of(message->account));
  if (message->trimmed) {
    safe_.until_safe().add(record);  // Its outcome follows, and perhaps a retry.
    return;
  }
  resubmissions_.restore(*message);
  resubmit(record, *message);
}

/// Gives the backend a message of an earlier run.
void Restoration::resubmit(MessageRecord& record, const journal::Accepted& message) {
  Content& content = intake_.next();
  content = message;
  const Octets payload = payload_of(message.tlvs);
  // What replace_sm has put into its place is a short_message.
  const bool replaced = !payload.empty() && !std::ranges::equal(payload, message.text);
  std::vector<std::uint8_t> other_tlvs;
  if (replaced) content.tlvs = other_tlvs = without_payload(message.tlvs);
  if (!payload.empty() && !replaced) content.text = payload;
  intake_.accept_restored(record, message.default_alphabet);
  if (intake_.full() || replaced) intake_.flush();
}

void Restoration::restore_outcome(const journal::RecordView& view) {
  const auto body = view.fixed<journal::OutcomeBody>();
  MessageRecord* const record = books_.messages.find_open(view.header.slot, view.id());
  ASSERT(body && record != nullptr);
  record->stage.report();
  record->outcome = {static_cast<MessageState>(view.header.code), body->error};
  record->done_s = body->done_s;
  set_expiry(*record);
  safe_.restore_more(*record, view.octets.size());
}

void Restoration::restore_retry(const journal::RecordView& view) {
  const auto body = view.fixed<journal::RetryBody>();
  MessageRecord* const record = books_.messages.find_open(view.header.slot, view.id());
  ASSERT(body && record != nullptr);
  safe_.restore_retry(*record, *body);
  record->home.attempts = static_cast<std::uint16_t>(body->attempts);
  const std::int64_t rest_s = std::int64_t{body->next_s} - house_.now.wall_s;
  record->home.put_off_s =
      static_cast<std::uint16_t>(std::clamp(rest_s, std::int64_t{0}, retry_delay_max / seconds(1)));
}

/// Of what was to be delivered since done_s, however long that seems to be.
void Restoration::set_expiry(MessageRecord& record) const {
  record.expires_at = house_.now.mono +
                      seconds(rest_after_restart_s(record.done_s + house_.options.receipt_expiry_s,
                                                   house_.options.receipt_expiry_s, house_.now));
}

}  // namespace ringgate
