// What waits until the batch that it depends on is on stable storage: octets of connections,
// receipts, mail for other shards, and answers that repetitions of a submit may hear of.
#pragma once

#include <cstdint>
#include <deque>

#include "base/assert.h"
#include "base/intrusive_list.h"
#include "message/record.h"
#include "shard/connection.h"
#include "shard/mail.h"
#include "shard/resubmit_watch.h"

namespace ringgate {

/// Batches are numbered in the order in which they become safe; `safe` is the newest that is. Each
/// kind keeps the order in which it came. One thread.
class UntilSafe {
 public:
  UntilSafe() = default;
  ~UntilSafe() {
    for (const WaitingMail& one : mails_) discard(one.mail);
  }
  UntilSafe(const UntilSafe&) = delete;
  UntilSafe& operator=(const UntilSafe&) = delete;

  /// Some of its octets wait: its gates know for which batch.
  void add(Connection& connection) {
    if (!connection.gated.linked()) connections_.push_back(connection);
  }
  void remove(Connection& connection) {
    if (connection.gated.linked()) connections_.remove(connection);
  }
  /// It says what is in the batch that its kept part names.
  void add(MessageRecord& record) { records_.push_back(record); }
  /// What it tells is in that batch or one before. It is owned until it is posted.
  void add(std::uint64_t batch, unsigned shard, const io::Mail& mail) {
    ASSERT(mails_.empty() || mails_.back().batch <= batch);
    mails_.push_back({batch, shard, mail});
  }
  /// The answer is in that batch or one before.
  void add(std::uint64_t batch, const ResubmitWatch::Answered& answered) {
    ASSERT(answers_.empty() || answers_.back().batch <= batch);
    answers_.push_back({batch, answered});
  }

  bool has_seen(std::uint64_t safe) const { return safe == safe_; }
  /// Lets go what waits no more: `decide` takes an Answered, `look` a Connection&, `send` a
  /// MessageRecord&, `post` a shard and a mail.
  template <class D, class L, class S, class P>
  void settle(std::uint64_t safe, D&& decide, L&& look, S&& send, P&& post) {
    ASSERT(safe >= safe_);
    safe_ = safe;
    for (; !answers_.empty() && answers_.front().batch <= safe_; answers_.pop_front())
      decide(answers_.front().answered);
    // Each looks at its gates, and comes back if one is shut.
    while (Connection* const connection = connections_.pop_front()) look(*connection);
    while (MessageRecord* const record = records_.front()) {
      if (record->kept.batch() > safe_) break;
      records_.remove(*record);
      send(*record);
    }
    for (; !mails_.empty() && mails_.front().batch <= safe_; mails_.pop_front())
      post(mails_.front().shard, mails_.front().mail);
  }

 private:
  struct WaitingMail {
    std::uint64_t batch;
    unsigned shard;
    io::Mail mail;
  };

  struct WaitingAnswer {
    std::uint64_t batch;
    ResubmitWatch::Answered answered;
  };

  std::uint64_t safe_ = 0;
  IntrusiveList<Connection, &Connection::gated> connections_;
  IntrusiveList<MessageRecord, &MessageRecord::link> records_;
  std::deque<WaitingMail> mails_;
  std::deque<WaitingAnswer> answers_;
};

}  // namespace ringgate
