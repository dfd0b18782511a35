// Begins and ends messages: whatever counts one (its record, its account's share, the gauge, the
// journal, an MO's octets) is taken and given back here, together.
//
// Invariant: of each account, AccountUse::messages is the number of its records that have begun and
// not been released, and AccountUse::receipts of those that are tracked. `tracked` never changes;
// whether a receipt will be owed may.
#pragma once

#include <memory>

#include "base/intrusive_list.h"
#include "message/parcel.h"
#include "shard/books.h"
#include "shard/house.h"
#include "shard/safekeeping.h"

namespace ringgate {

/// One thread.
class Registry {
 public:
  Registry(House& house, Books& books, Safekeeping& safe)
      : house_(house), books_(books), safe_(safe) {}
  ~Registry() {
    while (Parcel* const parcel = parcels_.pop_front()) delete parcel;
  }
  Registry(const Registry&) = delete;
  Registry& operator=(const Registry&) = delete;

  /// A client's message. Accepting one that may owe a receipt reserves the receipt's place, so that
  /// it never has to be dropped. Null when there is no room for it.
  MessageRecord* begin(RecordKind kind, NumberedId id, std::uint32_t account, LinkId submitter,
                       ReceiptWish wish, bool intermediate) {
    // There may be something to tell the client.
    const bool tracked = wish != ReceiptWish::none || intermediate;
    if (!books_.uses.admits_message(account, tracked) || RARELY("there is no place for a message"))
        [[unlikely]]
      return nullptr;
    MessageRecord* const record = books_.messages.begin(id, account, submitter);
    if (record == nullptr) [[unlikely]]
      return nullptr;
    record->kind = kind;
    record->wish = wish;
    record->intermediate = intermediate;
    record->tracked = tracked;
    record->submitted_s = house_.now.wall_s;
    count(*record);
    return record;
  }
  /// One that nobody submitted, an MO or a notice: it owes no response, and its delivery begins
  /// now. Null when there is no room.
  MessageRecord* begin_own(RecordKind kind, MessageId id, std::uint32_t account, LinkId submitter);
  /// One that an earlier run has accepted; its client has long had its response. Where the journal
  /// has it is still to be said.
  MessageRecord& begin_restored(const journal::Accepted& message, NumberedId id);
  /// An MO's octets, which go with it.
  void attach(MessageRecord& record, std::unique_ptr<Parcel> parcel);

  /// Whether there is more to wait for than its answer: an outcome that the client is told, or that
  /// the journal has to know.
  bool awaits_outcome(const MessageRecord& record) const { return record.tracked || safe_.keeps(); }
  void release(MessageRecord& record);
  /// The same, for the path of every message: to call it costs as much as what it does.
  [[gnu::always_inline]] void release_here(MessageRecord& record) {
    ASSERT(!record.link.linked() && !record.timer.armed());
    ASSERT(!record.notice_open);
    if (!record.kept.empty()) safe_.end(record);
    if (record.parcel != nullptr) [[unlikely]]
      drop_parcel(record);
    AccountUse& use = books_.uses.of(record.account);
    ASSERT(use.messages != 0 && use.receipts >= (record.tracked ? 1u : 0u));
    --use.messages;
    if (record.tracked) --use.receipts;
    books_.messages.release(record);
    house_.counters.messages_open.subtract();
  }

 private:
  void count(const MessageRecord& record) {
    AccountUse& use = books_.uses.of(record.account);
    ++use.messages;
    if (record.tracked) ++use.receipts;
    house_.counters.messages_open.add();
  }
  void drop_parcel(MessageRecord& record);

  House& house_;
  Books& books_;
  Safekeeping& safe_;
  IntrusiveList<Parcel, &Parcel::link> parcels_;  // of MOs
};

}  // namespace ringgate
