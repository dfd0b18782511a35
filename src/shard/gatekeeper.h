// A shard's side of the gate: the sessions that the gate has heard of, and those that wait for its
// verdict.
//
// Invariant: a session that the gate was told of is marked until the gate has heard its last word,
// so that a verdict for one that is gone, or not waited for, is told from one that is.
//
// Who waits for a verdict has a place, does not give way, and is not heard meanwhile: so no address
// may have more than half of all that may wait, and the next of its binds are refused.
#pragma once

#include <algorithm>
#include <functional>
#include <string>
#include <unordered_map>

#include <ringgate/gate.h>

#include "base/hash.h"
#include "session/event.h"
#include "shard/connection.h"
#include "shard/house.h"
#include "shard/links.h"

namespace ringgate {

/// Does nothing where there is no gate. One thread.
class Gatekeeper {
 public:
  /// Of a shard, at a time.
  static constexpr std::uint32_t waiting_max = 4096;

  Gatekeeper(House& house, Links& links)
      : house_(house),
        links_(links),
        address_share_(std::max(1u, std::min(house.options.budget.places, waiting_max) / 2)),
        waiting_of_(0, SeededHash{house.options.seed}) {}

  bool has_gate() const { return house_.world.gate != nullptr; }
  /// Whether a connection that has just got its name may stay.
  bool accepts(Connection& connection);
  /// Asks for a verdict. False: too many wait already, of all or of that address. It may have come
  /// when this returns.
  bool ask(Connection& connection, const Event& event);
  /// Nobody waits for the verdict any more.
  void remove(Connection& connection);
  /// Who waits for that verdict; null where nobody does, and then `why` says why not.
  Connection* find_waiting(SessionId session, Posted& why);
  void unbinds(const Connection& connection);
  /// Its session has ended. Idempotent.
  void closed(Connection& connection);

 private:
  SessionId id_of(const Connection& connection) const { return house_.session_of(connection.id); }

  House& house_;
  Links& links_;
  const std::uint32_t address_share_;
  std::uint64_t newest_ = 0;  // session that the gate was told of
  std::uint32_t waiting_ = 0;
  // Of each address that has any.
  std::unordered_map<std::string, std::uint32_t, SeededHash, std::equal_to<>> waiting_of_;
};

}  // namespace ringgate
