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
  /// A bind that its session has passed on was refused.
  void refused_bind(const Connection& connection, std::string_view why);
  /// Its session has refused a bind whose fields cannot be read.
  void malformed_bind(const Connection& connection);
  /// An account is not served any more. `waiting`: what it has in its outbox, where that is here.
  void account_closed(const Account& account, std::uint64_t unbound, std::size_t waiting);
  /// The pool of password checks is full: whoever floods it is told of once in a while only.
  bool may_tell_unchecked();

  void note_refusal(std::uint32_t account, Status status) {
    refusals_.note(account, status, house_.now.mono);
  }
  void tell_refusals();
  /// Another measure is in force because memory is short, or none any more: a line a second at
  /// most.
  void tell_memory();
  /// When tell_refusals() wants to be called.
  Nanos deadline() const { return refusals_.deadline(); }

 private:
  std::optional<std::uint64_t> admit(const Connection& connection, std::string_view what,
                                     std::string_view cause);

  const House& house_;
  Refusals refusals_;
  LogGaps malformed_binds_told_;  // of an address and a system_id, that of the client's choice
  LogGaps strangers_told_;        // of an address, for one cause
  LogGaps all_strangers_told_;    // of whatever address: there are too many of those as well
  Nanos unchecked_quiet_until_ = 0;
  Measure told_ = Measure::none;
  Nanos memory_quiet_until_ = 0;
};

}  // namespace ringgate
