#include "shard/intake.h"

namespace ringgate {

/// What the backend is told beside the content.
[[gnu::always_inline]] inline void Intake::address(Submit& submit, const MessageRecord& record,
                                                   const Account& account) {
  submit.ticket = books_.messages.ticket_of(record);
  submit.id = record.id;
  submit.system_id = account.options.system_id;
  submit.outcome_wanted = registry_.awaits_outcome(record);
  submit.restored = record.restored;
}

MessageRecord* Intake::accept(const Connection& connection, RecordKind kind, NumberedId id) {
  const Account& account = *connection.account;
  const DefaultAlphabet alphabet = account.options.quirks.default_alphabet;
  Submit& submit = next();
  MessageRecord* const record = registry_.begin(kind, id, account.index, connection.id,
                                                submit.receipt(), submit.intermediate());
  if (record == nullptr) [[unlikely]]
    return nullptr;
  ++size_;
  if (record->tracked) {
    record->source.set(submit.source);
    record->destination.set(submit.destination);
    record->data_coding = submit.data_coding;
    record->esm_class = submit.esm_class;
    books_.quotes.set(*record, submit.text, alphabet, alphabet);
  }
  if (!submit.tlvs.empty() || submit.has_udh()) [[unlikely]]
    parts_.keep(*record, submit);
  if (safe_.keeps()) safe_.accept(*record, submit);
  books_.messages.note_open(*record);
  ids_.note(id, account.index);
  address(submit, *record, account);
  submit.default_alphabet = alphabet;
  return record;
}

void Intake::accept_restored(MessageRecord& record, DefaultAlphabet alphabet) {
  ASSERT(record.restored && !record.stage.reported());
  Submit& submit = next();
  ++size_;
  if (!submit.tlvs.empty() || submit.has_udh()) {
    parts_.keep(record, submit);
    if (record.parcel != nullptr) parts_.answered(record, Status::ESME_ROK);
  }
  address(submit, record, house_.directory.at(record.account));
  submit.default_alphabet = alphabet;
}

void Intake::flush() {
  if (size_ == 0) return;
  const std::size_t size = size_;
  ASSERT(size <= batch_max);
  // Reset first: a backend that answers may make this shard read on, and what it reads starts a new
  // batch.
  size_ = 0;
  house_.backend.on_submits({batch_.data(), size}, house_.now, house_.replies);
}

}  // namespace ringgate
