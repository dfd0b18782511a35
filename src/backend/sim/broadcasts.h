// The broadcasts the simulator has taken.
#pragma once

#include <deque>
#include <vector>

#include "backend/sim/remembered_message.h"

namespace ringgate {

struct Broadcast {
  MessageId id;
  AccountNumber account = 0;
  KnownAddress source;
  Nanos due = 0;
  bool cancelled = false;
  std::vector<std::uint8_t> areas;  ///< what a query answers, as TLVs
};

/// The last broadcasts of one shard; the oldest goes when there are too many. One thread.
class Broadcasts {
 public:
  static constexpr std::size_t count_max = 1024;

  Broadcast& add() {
    if (all_.size() == count_max) all_.pop_front();
    return all_.emplace_back();
  }

  /// Calls f(broadcast) for those of that account that an operation means.
  template <class F>
  void for_each(const Operation& operation, AccountNumber asker, F&& f) {
    for (Broadcast& one : all_) {
      if (one.account != asker) continue;
      if (!operation.source.text.empty() && !one.source.is(operation.source)) continue;
      if (!operation.names_id || one.id == operation.id) f(one);
    }
  }

 private:
  std::deque<Broadcast> all_;
};

}  // namespace ringgate
