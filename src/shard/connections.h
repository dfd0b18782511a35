// The life of connections: their places, what leaves them, their timers, and their end.
//
//   open ─> [stranger ─> bound] ─> end_session ─> what is left is sent ─> close ─> released
//
// Invariants:
//   - A place (open_) is a session's: it is given back when the session ends, before its octets
//     have left. Memory and name are the network's until released().
//   - `over` comes once. From then on nothing is asked of the session but its output.
//   - A connection is a stranger from its first octet until it asks for a bind, and again when that
//     is refused, so that it can give way to others.
//   - One send is under way at a time, and its octets stay where they are (ByteQueue::lend).
//
// Whatever happens to a connection touches it; finish() looks at each that was touched before the
// turn ends, and there its octets are sent, its reading paused or resumed, and its timer set.
#pragma once

#include <string>

#include "io/channel.h"
#include "shard/binds.h"
#include "shard/connection.h"
#include "shard/delivery.h"
#include "shard/house.h"
#include "shard/links.h"
#include "shard/pressed.h"
#include "shard/reading.h"
#include "shard/safekeeping.h"
#include "shard/shard_log.h"

namespace ringgate {

/// One thread.
class Connections {
 public:
  /// The rooms that it knows. All outlive it.
  struct Rooms {
    Links& links;
    ShardLog& log;
    Safekeeping& safe;
    Gatekeeper& gatekeeper;
    Binds& binds;
    Reading& reading;
    Delivery& delivery;
  };

  Connections(House& house, AccountUses& uses, const Rooms& rooms)
      : house_(house), rooms_(rooms), pressed_(house, rooms.links, uses) {}

  /// One more from that peer. Null when there is no room. With `make_room` the node as a whole is
  /// full: a stranger of this shard has to give way.
  Connection* open(std::string peer, bool make_room, std::uint32_t listener);
  /// TLS was agreed on, with what the peer has shown of itself.
  void secured(Connection& connection, const io::Channel& channel);
  /// It cannot be: nothing more will come.
  void insecure(Connection& connection, std::string_view why);
  /// So many octets of the send in flight have gone.
  void sent(Connection& connection, std::size_t count);
  /// No more octets will come. `broken`: none can be sent either.
  void hangup(Connection& connection, bool broken);
  /// Nothing outside refers to it any more.
  void released(Connection& connection);

  /// Those whose time has come.
  void run_timers();
  /// When relieve() wants to be called.
  Nanos relief() const { return pressed_.deadline(); }
  /// Those that hold too much look again whether they may be read.
  void relieve() { pressed_.relieve(); }
  /// Looks at one that was touched.
  void finish(Connection& connection);

  /// Each is unbound once nothing of it is under way.
  void drain_all();
  /// Each is unbound now; nobody gets a place any more.
  void shut_down();

 private:
  Connection* find_in_the_way(const std::string& address, bool full);
  void give_way(Connection& connection);
  void end_session(Connection& connection);
  void drain(Connection& connection);
  void unbind(Connection& connection);
  void send(Connection& connection);
  Octets sendable(Connection& connection);
  void close(Connection& connection);
  void pause_or_resume(Connection& connection);
  void arm(Connection& connection);
  void on_timer(Connection& connection);
  bool waits_for_unread(Connection& connection);

  House& house_;
  const Rooms rooms_;
  Pressed pressed_;
  std::uint32_t open_ = 0;  // whose session has not ended
  bool shut_ = false;
};

}  // namespace ringgate
