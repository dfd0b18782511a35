// What the log hears of connections and of what was refused to accounts: enough to find out, and
// no more than a disk can hold, whatever strangers and clients do.
#pragma once

#include <optional>
#include <string_view>

#include "policy/log_gaps.h"
#include "shard/connection.h"
#include "shard/house.h"
#include "shard/refusals.h"

namespace ringgate {

/// One thread.
class ShardLog {
 public:
  explicit ShardLog(const House& house);

  /// A line about a connection; `system_id` is whose it is, or says it is.
  void about(const Connection& connection, LogLevel level, std::string_view what,
             std::optional<std::string_view> system_id, std::string_view cause = {},
             std::uint64_t held_back = 0);
  /// Its session has ended.
  void closed(const Connection& connection);
  /// Its session has refused a bind whose fields cannot be read.
  void malformed_bind(const Connection& connection);
  /// The pool of password checks is full: whoever floods it is told of once in a while only.
  bool may_tell_unchecked();

  void note_refusal(std::uint32_t account, Status status) {
    refusals_.note(account, status, house_.now.mono);
  }
  void tell_refusals();
  /// When tell_refusals() wants to be called.
  Nanos deadline() const { return refusals_.deadline(); }

 private:
  const House& house_;
  Refusals refusals_;
  LogGaps malformed_binds_told_;
  LogGaps strangers_told_;  // of those that have closed
  Nanos unchecked_quiet_until_ = 0;
};

}  // namespace ringgate
