// Submits that come again because their answer was lost: recognised, and answered as the first
// time.
#pragma once

#include <optional>

#include "journal/record.h"
#include "session/event.h"
#include "shard/admission.h"
#include "shard/books.h"
#include "shard/connection.h"
#include "shard/house.h"
#include "shard/safekeeping.h"

namespace ringgate {

/// Of accounts that may resubmit. What makes two submits the same is the account, the addresses,
/// the reference that the client gave, and the text. One thread.
class Resubmissions {
 public:
  Resubmissions(House& house, Books& books, Safekeeping& safe, Admission& admission)
      : house_(house), books_(books), safe_(safe), admission_(admission) {}

  static bool may_come_again(const Account& account) {
    return account.options.resubmit_window_s != 0;
  }
  /// Nothing is watched: answers and outcomes need not be told of.
  bool empty() const { return books_.resubmits.empty(); }

  /// A submit that would get that id: true when the client has its answer, because it is a
  /// repetition. If not, watch() is told next what became of it.
  bool is_repetition(Connection& connection, const Event& event, MessageId id);
  /// What became of the submit that is_repetition() has just let through; null: it was refused.
  void watch(const MessageRecord* record);
  /// The backend has answered the message in that slot.
  void answered(std::uint32_t slot, bool accepted);
  /// Its outcome has come, before its answer.
  void reported(std::uint32_t slot);
  /// The answer is safe: repetitions hear of it.
  void decide(const ResubmitWatch::Answered& answered);

  /// A key that an earlier run has kept.
  void restore(const journal::RecordView& record, std::uint32_t segment);
  /// A message that an earlier run has accepted: its client may send it again, and may have had no
  /// answer yet. Before the backend has it: when its outcome is safe, this must be.
  void restore(const journal::Accepted& message);

 private:
  void keep(const ResubmitWatch::Watched& watched);
  std::uint32_t until_s(std::uint32_t account, std::int64_t date_s) const;

  House& house_;
  Books& books_;
  Safekeeping& safe_;
  Admission& admission_;
  std::optional<ResubmitWatch::Watched> let_through_;  // by is_repetition(), for watch()
};

}  // namespace ringgate
