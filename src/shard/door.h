// What leaves is checked at the door: whatever is written to a connection without having been asked
// for on it in this very call comes through here.
#pragma once

#include <string_view>

#include "base/planted.h"
#include "shard/house.h"
#include "shard/links.h"
#include "shard/shard_log.h"

namespace ringgate {

/// One thread.
class Door {
 public:
  Door(House& house, Links& links, ShardLog& log) : house_(house), links_(links), log_(log) {}

  /// The connection if it is bound to that account, else null, and an error of ours that is
  /// counted. `what` is to be written.
  Connection* pass(Connection* connection, std::uint32_t account, std::string_view what) {
    if (connection == nullptr || connection->serves(account) || PLANTED("no door")) [[likely]]
      return connection;
    return misrouted(*connection, account, what);
  }
  /// The same for a connection that may be no more, or not written to any more: null.
  Connection* find(LinkId link, std::uint32_t account, std::string_view what) {
    Connection* const connection = pass(links_.find(link), account, what);
    return connection == nullptr || connection->over ? nullptr : connection;
  }

 private:
  Connection* misrouted(const Connection& connection, std::uint32_t account,
                        std::string_view what) {
    ASSERT(account < house_.directory().size() && !connection.serves(account));
    house_.counters.misrouted.add();
    log_.about(connection, LogLevel::error, "not sent: it belongs to somebody else",
               house_.directory().at(account).options.system_id, what);
    return nullptr;
  }

  House& house_;
  Links& links_;
  ShardLog& log_;
};

}  // namespace ringgate
