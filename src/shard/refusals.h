// What of its accounts' requests a shard has refused and the log has not told of yet.
#pragma once

#include <map>
#include <utility>

#include <ringgate/status.h>
#include <ringgate/types.h>

#include "base/assert.h"
#include "base/units.h"

namespace ringgate {

/// Counts by account and status; there are no more entries than pairs of these. The log hears of
/// them as counts, a line at a time. One thread.
class Refusals {
 public:
  void note(std::uint32_t account, Status status, Nanos now) {
    ASSERT(status != Status::ESME_ROK);
    ++counts_[{account, status}];
    at_ = std::min(at_, now);
  }

  /// When to call tell(); never while there is nothing to tell.
  Nanos deadline() const { return at_; }

  /// tell_one(account, status, count) says whether it could be told now; if not, it is kept and
  /// counted on.
  template <class F>
  void tell(Nanos now, F&& tell_one) {
    std::erase_if(counts_, [&](const auto& one) {
      return tell_one(one.first.first, one.first.second, one.second);
    });
    at_ = counts_.empty() ? never : now + pause;
  }

 private:
  static constexpr Nanos pause = milliseconds(100);

  std::map<std::pair<std::uint32_t, Status>, std::uint64_t> counts_;
  Nanos at_ = never;
};

}  // namespace ringgate
