#include "shard/registry.h"

namespace ringgate {

MessageRecord* Registry::begin_own(RecordKind kind, MessageId id, std::uint32_t account,
                                   LinkId submitter) {
  ASSERT(kind == RecordKind::mo || kind == RecordKind::notice);
  MessageRecord* const record = books_.messages.begin({id}, account, submitter);
  if (record == nullptr) return nullptr;
  record->kind = kind;
  record->wish = ReceiptWish::none;
  record->intermediate = record->tracked = false;
  record->stage = Stage::due();
  record->submitted_s = record->done_s = house_.now.wall_s;
  record->expires_at = house_.now.mono + house_.receipt_expiry();
  count(*record);
  return record;
}

MessageRecord& Registry::begin_restored(const journal::Accepted& message, NumberedId id) {
  ASSERT(message.slot < house_.options.journal->start.messages);
  const bool is_mo = message.kind == RecordKind::mo;
  MessageRecord& record = books_.messages.begin_at(message.slot, id, message.account);
  // Nobody waits for a response any more, so one destination of a submit_multi is a message like
  // any other.
  record.kind = message.kind == RecordKind::submit_multi ? RecordKind::submit_sm : message.kind;
  record.wish = message.receipt();
  record.intermediate = message.intermediate();
  record.tracked = !is_mo && (record.wish != ReceiptWish::none || record.intermediate);
  record.restored = true;
  record.stage = is_mo ? Stage::due() : Stage::open();
  record.submitted_s = record.done_s = message.submitted_s;
  record.source.set(message.source);
  record.destination.set(message.destination);
  count(record);
  house_.counters.messages_restored.add();
  return record;
}

void Registry::release(MessageRecord& record) { release_here(record); }

void Registry::attach(MessageRecord& record, std::unique_ptr<Parcel> parcel) {
  ASSERT(record.kind == RecordKind::mo && record.parcel == nullptr);
  parcels_.push_back(*parcel);
  record.parcel = parcel.release();
}

void Registry::drop_parcel(MessageRecord& record) {
  // A part has given its octets back when it was answered.
  ASSERT(record.kind == RecordKind::mo);
  parcels_.remove(*record.parcel);
  delete record.parcel;
}

}  // namespace ringgate
