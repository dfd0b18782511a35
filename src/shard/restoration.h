// After a restart: the records that recovery has written become messages again. What has no outcome
// goes to the backend once more, the rest waits to be delivered.
#pragma once

#include "shard/books.h"
#include "shard/house.h"
#include "shard/intake.h"
#include "shard/registry.h"
#include "shard/resubmissions.h"
#include "shard/safekeeping.h"

namespace ringgate {

/// Of a shard with a journal, before its first turn. One thread.
class Restoration {
 public:
  Restoration(House& house, Books& books, Safekeeping& safe, Registry& registry, Intake& intake,
              Resubmissions& resubmissions)
      : house_(house),
        books_(books),
        safe_(safe),
        registry_(registry),
        intake_(intake),
        resubmissions_(resubmissions) {}

  /// One batch's octets, whole and checked, of that segment; borrowed for the call.
  void restore(std::uint32_t segment, const journal::BatchHeader& header, Octets batch);

 private:
  void restore_accepted(const journal::RecordView& record, std::uint32_t segment);
  void restore_outcome(const journal::RecordView& record);
  void restore_retry(const journal::RecordView& record);
  void set_expiry(MessageRecord& record) const;
  void resubmit(MessageRecord& record, const journal::Accepted& message);

  House& house_;
  Books& books_;
  Safekeeping& safe_;
  Registry& registry_;
  Intake& intake_;
  Resubmissions& resubmissions_;
};

}  // namespace ringgate
