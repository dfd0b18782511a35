// Memory for octets in and out has owners: an account has its share, and where little is left for
// all, who has most is not read until it has less. Nobody is disconnected for it.
#pragma once

#include "base/intrusive_list.h"
#include "shard/account_use.h"
#include "shard/connection.h"
#include "shard/house.h"
#include "shard/links.h"

namespace ringgate {

/// Connections that are not read because they hold too much. One thread.
class Pressed {
 public:
  Pressed(House& house, Links& links, AccountUses& uses)
      : house_(house), links_(links), uses_(uses) {}

  /// Counts what it holds, and says whether it may be read (Connection::pressed). One that is over
  /// holds nothing that counts.
  void look(Connection& connection);
  /// They look again whether there is room, some at a time.
  void relieve();
  /// When relieve() wants to be called.
  Nanos deadline() const {
    return list_.empty() ? never : std::max(relieve_at_, house_.now.mono + 1);
  }

 private:
  bool is_pressed(const Connection& connection);
  bool is_short(const OctetPool& pool) const;

  House& house_;
  Links& links_;
  AccountUses& uses_;
  IntrusiveList<Connection, &Connection::pressed> list_;
  Nanos relieve_at_ = 0;
};

}  // namespace ringgate
