// What the backend is told in batches: how deliveries have ended, and what has become safe. It is
// told when the input of a pass has been read, so that nothing calls it from the middle of anything
// else, and what it says then still leaves in this turn.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "message/record.h"
#include "shard/house.h"

namespace ringgate {

/// What waits here is bounded by the work of a turn, and by the messages that are open. One thread.
class Tidings {
 public:
  explicit Tidings(House& house) : house_(house) {}

  /// The delivery of that receipt or MO has ended so.
  void ended(const MessageRecord& record, std::uint64_t token, DeliverResult how) {
    const HomePart& home = record.home;
    delivered_.push_back({record.id, token, make_session_id(home.last_shard, home.last_link), how,
                          static_cast<Status>(record.answer)});
  }
  /// ... of a Deliver that never became a record.
  void ended(MessageId id, std::uint64_t token, DeliverResult how) {
    delivered_.push_back({id, token, {}, how, Status::ESME_ROK});
  }

  /// The program has given that, and it is in that batch of the journal.
  void given(MessageId id, std::uint64_t batch) {
    if (house_.wishes.safe) [[unlikely]]
      waiting_.push_back({batch, id});
  }
  /// ... and there is no journal.
  void given(MessageId id) {
    if (house_.wishes.safe) [[unlikely]]
      safe_.push_back(id);
  }
  /// All batches up to that one are safe.
  void settle(std::uint64_t batch) {
    for (; !waiting_.empty() && waiting_.front().batch <= batch; waiting_.pop_front())
      safe_.push_back(waiting_.front().id);
  }

  bool empty() const { return delivered_.empty() && safe_.empty(); }
  /// What the backend says to that, and what comes of it, is told the next time.
  void tell() {
    if (!delivered_.empty()) {
      told_delivered_.clear();
      told_delivered_.swap(delivered_);
      house_.backend.on_delivered(told_delivered_, house_.replies);
    }
    if (!safe_.empty()) [[unlikely]] {
      told_safe_.clear();
      told_safe_.swap(safe_);
      house_.backend.on_safe(told_safe_, house_.replies);
    }
  }

 private:
  struct Waiting {
    std::uint64_t batch;
    MessageId id;
  };

  House& house_;
  std::vector<Delivered> delivered_;
  std::vector<Delivered> told_delivered_;  // both keep their memory
  std::deque<Waiting> waiting_;            // for the journal
  std::vector<MessageId> safe_;
  std::vector<MessageId> told_safe_;
};

}  // namespace ringgate
