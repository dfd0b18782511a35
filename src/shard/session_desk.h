// What a program sees of the sessions of a shard, and how it ends them.
#pragma once

#include <cstdint>
#include <vector>

#include <ringgate/sessions.h>

#include "shard/binds.h"
#include "shard/house.h"
#include "shard/links.h"

namespace ringgate {

/// What it ends is followed up by whoever looks at touched connections. One thread.
class SessionDesk {
 public:
  /// So many places for connections are looked at in one call, so that no list holds up a turn.
  static constexpr std::uint32_t listed_per_call = 1024;

  SessionDesk(House& house, Links& links, Binds& binds)
      : house_(house), links_(links), binds_(binds) {}

  /// Adds those that fit, from a place for connections on (0 at first); returns where the next call
  /// goes on, or 0 at the end. Who comes or goes between two calls may be there or not. Here and
  /// below the address is in the form that peers have.
  std::uint32_t list(const SessionFilter& filter, std::uint32_t from,
                     std::vector<SessionInfo>& out) const;
  /// Begins to end those that fit; how many those are. One that is on its way out already leaves
  /// sooner, if this is sooner.
  std::uint64_t end(const SessionFilter& filter, const SessionEnd& how);

 private:
  bool fits(const Connection& connection, const SessionFilter& filter) const;
  SessionInfo info_of(const Connection& connection) const;

  House& house_;
  Links& links_;
  Binds& binds_;
};

}  // namespace ringgate
