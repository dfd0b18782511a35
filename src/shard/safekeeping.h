// The client of the journal: what is written of messages, what is kept alive when segments are
// given up, what is known of messages that have ended, and what the log hears of a store that is
// short.
//
//   accept ── keep_retry, keep_replaced ──> keep_outcome ── keep_retry ──> end
//
// Invariants:
//   - An accepted message has one live record, in the segment that its kept part names; what
//     belongs to it (a replacement, its outcome, a retry) lies behind it, and is copied with it.
//   - kept.octets() is what the copy of all that would take. The journal holds so much for it in
//     that segment, and its account's journal_octets are the sum over its open messages.
//   - Nothing is written for a message after end(). A state goes on living in the segment of its
//     record until its time is over, and has a record of its own from when that segment goes.
//   - kept.batch() is the batch of the outcome: what tells of it waits in until_safe() for that.
#pragma once

#include <memory>

#include "journal/journal.h"
#include "shard/books.h"
#include "shard/house.h"
#include "shard/pressure.h"
#include "shard/replacements.h"
#include "shard/states.h"
#include "shard/until_safe.h"

namespace ringgate {

/// Without a journal it keeps nothing, and only keeps(), deadline() and find_ended() may be asked.
/// One thread.
class Safekeeping final : private journal::Keeper {
 public:
  /// Octets that the key of a resubmit takes, when it is answered and when its outcome comes first.
  static constexpr std::size_t resubmit_records = 2 * journal::kept_record_size;

  /// Where the house has a journal it has a disk.
  Safekeeping(House& house, Books& books);
  Safekeeping(const Safekeeping&) = delete;
  Safekeeping& operator=(const Safekeeping&) = delete;

  bool keeps() const { return journal_ != nullptr; }

  // What a message has come to.

  /// Whether there is room for `count` messages more, whose records take `octets` in all; if so,
  /// that is theirs.
  Status admit(std::uint64_t octets, std::uint64_t count) {
    const journal::Room room = journal_->admit(octets, count);
    if (room == journal::Room::ok) [[likely]]
      return Status::ESME_ROK;
    return refusal(room);
  }
  /// It has just begun, a client's or an MO.
  void accept(MessageRecord& record, const Content& content);
  /// An earlier run has written it there, in so many octets.
  void restore(MessageRecord& record, const Content& content, std::uint32_t segment,
               std::size_t octets);
  /// ... and so many more that belong to it.
  void restore_more(MessageRecord& record, std::size_t octets) {
    resize(record, record.kept.octets() + octets);
  }
  void restore_retry(MessageRecord& record, const journal::RetryBody& body);
  void keep_outcome(MessageRecord& record);
  /// Nothing when that message is not open any more.
  void keep_retry(std::uint32_t slot, MessageId id, std::uint16_t attempts, std::uint32_t next_s);
  void keep_replaced(const journal::Replaced& replaced, MessageRecord& record);
  void keep_resubmit(ResubmitWatch::Watched& watched);
  /// Its record is not needed any more.
  void end(MessageRecord& record);

  // What messages have ended with.

  EndedMessage end_of(const MessageRecord& record) const;
  /// A record of an earlier run.
  void restore_state(const journal::RecordView& record, std::uint32_t segment,
                     std::uint64_t sequence);
  /// Null when it is not known.
  const EndedMessage* find_ended(NumberedId message) const {
    return keeps() ? ended_->find(message, house_.steady_s()) : nullptr;
  }
  /// By what a short form says of it; is_meant(entry) chooses.
  template <class M>
  const EndedMessage* find_ended(std::uint32_t key, M&& is_meant) const {
    return keeps() ? ended_->find_short(key, house_.steady_s(), is_meant) : nullptr;
  }

  /// Accounts were added, from that index on: their names stand before the records that follow.
  void put_accounts_from(std::uint32_t first);

  // Batches.

  /// The one that what is written now will be in.
  std::uint64_t last() const { return journal_->last(); }
  /// What waits until the batch that it depends on is.
  UntilSafe& until_safe() { return until_safe_; }
  /// All up to this one are on stable storage.
  std::uint64_t durable() const { return journal_->durable(); }
  bool settled() const { return journal_->settled(); }
  int failure() const { return journal_->failure(); }
  /// The end of a turn. `pledged`: octets that others have promised to have room for.
  void commit(std::uint64_t pledged);
  Nanos deadline() const {
    return keeps() ? std::min(journal_->deadline(), pressure_.deadline()) : never;
  }
  void on_disk(std::uint32_t token, std::int64_t result) {
    ASSERT(keeps());
    journal_->on_disk(token, result);
  }
  void on_file(io::FileSlot file, int result) {
    ASSERT(keeps());
    journal_->on_file(file, result);
  }
  /// A key has gone before its time.
  void resubmit_lost() { pressure_.resubmits_early.noticed(house_.now.mono); }

 private:
  Status refusal(journal::Room room);
  void put_accepted(MessageRecord& record, const journal::AcceptedHead& head,
                    const Content& content);
  void put_replaced(Replacements::Replacement& replacement);
  void put_state(EndedMessage& ended);
  void resize(MessageRecord& record, std::size_t octets);
  void resize_now(MessageRecord& record, std::size_t octets, bool ended);
  void note_ended(const MessageRecord& record);
  void tell_pressure();

  std::size_t rewrite(const journal::RecordView& record, std::uint32_t segment) override;
  std::size_t before_release(std::uint32_t segment) override;
  std::uint64_t kept_of(std::uint32_t segment) const override;
  void write_checkpoint() override { put_checkpoints(0); }
  void put_checkpoints(std::uint32_t first);

  House& house_;
  Books& books_;
  std::int64_t keep_states_s_ = 0;
  std::uint64_t octets_max_ = 0;
  std::unique_ptr<journal::Journal> journal_;  // null without a store
  std::unique_ptr<EndedMessages> ended_;       // the same
  Replacements replacements_;
  UntilSafe until_safe_;
  Pressure pressure_;
  Nanos states_looked_at_ = 0;
};

}  // namespace ringgate
