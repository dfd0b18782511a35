#include "shard/intake.h"

namespace ringgate {

MessageRecord* Intake::accept_destination(const Connection& connection, const Content& content,
                                          const Address& destination, NumberedId id) {
  Submit& submit = next();
  static_cast<Content&>(submit) = content;
  submit.destination = destination;
  return accept(connection, RecordKind::submit_multi, id);
}

void Intake::accept_restored(MessageRecord& record, DefaultAlphabet alphabet) {
  ASSERT(record.restored && !record.stage.reported());
  Submit& submit = next();
  ++next_;
  if (parts_.concerns(submit)) {
    parts_.keep(record, submit);
    if (record.parcel != nullptr) parts_.answered(record, Status::ESME_ROK);
  }
  address(submit, record, house_.directory().at(record.account));
  submit.default_alphabet = alphabet;
}

void Intake::flush() {
  if (empty()) return;
  const std::span<const Submit> batch(batch_.data(), next_);
  // Reset first: a backend that answers may make this shard read on, and what it reads starts a new
  // batch.
  next_ = batch_.data();
  house_.backend.on_submits(batch, house_.now, house_.replies);
}

}  // namespace ringgate
