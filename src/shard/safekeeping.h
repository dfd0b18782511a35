// The client of the journal: what is written of messages, what is kept alive when segments are
// given up, what is known of messages that have ended, and what the log hears of a store that is
// short.
//
//   accept ── keep_retry, keep_replaced ──> keep_outcome ── keep_retry ──> end
//
// An accepted message has one live record, in its journal_segment; what belongs to it (a
// replacement, its outcome, a retry) lies behind it, and is copied with it. When it ends, a state
// goes on living in the segment of its record, until its time is over.
#pragma once

#include <memory>

#include <ringgate/log.h>

#include "base/log_line.h"
#include "io/disk.h"
#include "journal/journal.h"
#include "message/id_source.h"
#include "policy/directory.h"
#include "session/quotes.h"
#include "shard/account_use.h"
#include "shard/counters.h"
#include "shard/messages.h"
#include "shard/pressure.h"
#include "shard/replacements.h"
#include "shard/resubmit_watch.h"
#include "shard/shard_options.h"
#include "shard/states.h"
#include "shard/steady_clock.h"

namespace ringgate {

/// Without a journal it keeps nothing, and only keeps(), deadline() and find_ended() may be asked.
/// One thread.
class Safekeeping final : private journal::Keeper {
 public:
  /// The rooms that it knows. All outlive it.
  struct Books {
    const Directory& directory;
    Messages& messages;
    AccountUses& uses;
    const Quotes& quotes;
    const MessageIdSource& ids;
    ResubmitWatch& resubmits;
    ShardCounters& counters;
    const SteadyClock& steady;
  };

  /// Octets that the key of a resubmit takes, when it is answered and when its outcome comes first.
  static constexpr std::size_t resubmit_records = 2 * journal::kept_record_size;

  /// `disk` is there where options.journal is; `now` is the turn's. Both outlive it, as the log.
  Safekeeping(const ShardOptions& options, const Books& books, io::Disk* disk, Log* log,
              const Now& now);
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
  void restore(MessageRecord& record, std::uint32_t segment, std::size_t octets);
  /// ... and so many more that belong to it.
  void restore_more(MessageRecord& record, std::size_t octets) {
    resize(record, record.journal_units + octets / 8);
  }
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
    return keeps() ? ended_->find(message, books_.steady.seconds_at(now_)) : nullptr;
  }
  /// By what a short form says of it; is_meant(entry) chooses.
  template <class M>
  const EndedMessage* find_ended(std::uint32_t key, M&& is_meant) const {
    return keeps() ? ended_->find_short(key, books_.steady.seconds_at(now_), is_meant) : nullptr;
  }

  // Batches.

  /// The one that what is written now will be in.
  std::uint64_t last() const { return journal_->last(); }
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
  void resubmit_lost() { pressure_.resubmits_early.met(now_.mono); }

 private:
  Status refusal(journal::Room room);
  void put_accepted(MessageRecord& record, const journal::AcceptedHead& head,
                    const Content& content);
  void put_replaced(Replacements::Replacement& replacement);
  void put_state(EndedMessage& ended);
  void resize(MessageRecord& record, std::size_t units);
  void resize_now(MessageRecord& record, std::size_t units);
  void note_ended(const MessageRecord& record);
  void tell_pressure();
  void tell(LogLevel level, LogLine& line);

  std::size_t rewrite(const journal::RecordView& record, std::uint32_t segment) override;
  std::size_t before_release(std::uint32_t segment) override;
  std::uint64_t kept_of(std::uint32_t segment) const override;
  void write_checkpoint() override;

  const unsigned shard_;
  const bool permuted_;
  std::int64_t keep_states_s_ = 0;
  std::uint64_t octets_max_ = 0;
  const Books books_;
  const Now& now_;
  Log* const log_;
  std::unique_ptr<journal::Journal> journal_;  // null without a store
  std::unique_ptr<EndedMessages> ended_;       // the same
  Replacements replacements_;
  Pressure pressure_;
  Nanos states_looked_at_ = 0;
};

}  // namespace ringgate
