// What a shard's store is short of, as its log hears of it.
#pragma once

#include "shard/condition.h"

namespace ringgate {

struct Pressure {
  Condition full{seconds(1)};              ///< messages are refused for want of room
  Condition slow{seconds(1)};              ///< ... until the disk has caught up
  Condition states_early{seconds(60)};     ///< states go before store.keep_states_s has passed
  Condition resubmits_early{seconds(60)};  ///< keys go before account.resubmit_window_s has passed
  /// How long the state that went last had been kept.
  std::int64_t state_kept_s = 0;

  Nanos deadline() const {
    return std::min(
        {full.deadline(), slow.deadline(), states_early.deadline(), resubmits_early.deadline()});
  }
};

}  // namespace ringgate
