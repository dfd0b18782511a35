// Where an admitted submit becomes a message: its record, its place in the journal, and its place
// in the batch that the backend gets.
//
//   next() <─ content ─ session        accept() <─ record, journal, ids        flush() ─> backend
//
// Invariants:
//   - The place at next() is written whole by whoever decodes into it: nothing of the submit that
//     had it before is left. What was refused is written over.
//   - What the batch borrows lives until flush(): octets of a session until its settle(), a batch
//     of the journal until restore() returns.
//   - flush() may come back in by an answer that makes this shard read on; it finds an empty batch.
#pragma once

#include <array>
#include <span>

#include "session/event.h"
#include "shard/books.h"
#include "shard/connection.h"
#include "shard/given_ids.h"
#include "shard/house.h"
#include "shard/long_messages.h"
#include "shard/registry.h"
#include "shard/safekeeping.h"

namespace ringgate {

/// The batch borrows what sessions and recovery have read; it is flushed before they let go of it.
/// One thread.
class Intake {
 public:
  Intake(House& house, Books& books, Safekeeping& safe, Registry& registry, GivenIds& ids,
         LongMessages& parts)
      : house_(house), books_(books), safe_(safe), registry_(registry), ids_(ids), parts_(parts) {}
  Intake(const Intake&) = delete;
  Intake& operator=(const Intake&) = delete;

  /// Where the batch goes on: sessions write the content of a submit straight there, and it stays
  /// if the submit is accepted.
  Submit& next() {
    ASSERT(!full());
    return *next_;
  }
  bool empty() const { return next_ == batch_.data(); }
  /// next() may not be asked before flush().
  bool full() const { return next_ == batch_.data() + batch_max; }

  /// Makes a message of the content at next(), and the batch longer by it. Null when there is no
  /// room for it, or for the receipt it may owe. To call it would cost a tenth of what it does.
  [[gnu::always_inline]] MessageRecord* accept(const Connection& connection, RecordKind kind,
                                               NumberedId id) {
    const Account& account = *connection.account;
    const DefaultAlphabet alphabet = account.options.quirks.default_alphabet;
    Submit& submit = next();
    MessageRecord* const record = registry_.begin(kind, id, account.index, connection.id,
                                                  submit.receipt(), submit.intermediate());
    if (record == nullptr) [[unlikely]]
      return nullptr;
    ++next_;
    if (record->tracked) {
      record->source.set(submit.source);
      record->destination.set(submit.destination);
      record->data_coding = submit.data_coding;
      record->esm_class = submit.esm_class;
      books_.quotes.set(*record, submit.text, alphabet, alphabet);
    }
    if (parts_.concerns(submit)) [[unlikely]]
      parts_.keep(*record, submit);
    if (safe_.keeps()) safe_.accept(*record, submit);
    books_.messages.note_open(*record);
    ids_.note(id, account.index);
    address(submit, *record, account);
    submit.default_alphabet = alphabet;
    return record;
  }
  /// The same for one destination of that content, which lies elsewhere.
  MessageRecord* accept_destination(const Connection& connection, const Content& content,
                                    const Address& destination, NumberedId id);
  /// A message of an earlier run, which has its record and its journal: its content is at next().
  void accept_restored(MessageRecord& record, DefaultAlphabet alphabet);

  /// Gives the backend what there is.
  void flush();

 private:
  /// Submits given to the backend at once; larger batches would push each other out of the
  /// first-level cache.
  static constexpr std::size_t batch_max = 32;

  /// What the backend is told beside the content.
  [[gnu::always_inline]] void address(Submit& submit, const MessageRecord& record,
                                      const Account& account) {
    submit.ticket = books_.messages.ticket_of(record);
    submit.id = record.id;
    submit.system_id = account.options.system_id;
    submit.session = house_.session_of(record.submitter);
    submit.outcome_wanted = registry_.awaits_outcome(record);
    submit.restored = record.restored;
  }

  House& house_;
  Books& books_;
  Safekeeping& safe_;
  Registry& registry_;
  GivenIds& ids_;
  LongMessages& parts_;
  std::array<Submit, batch_max> batch_;
  Submit* next_ = batch_.data();
};

}  // namespace ringgate
