// One connection as its shard keeps it.
#pragma once

#include <string>

#include "base/timer_wheel.h"
#include "message/record.h"
#include "policy/directory.h"
#include "session/session.h"
#include "shard/gates.h"

namespace ringgate {

struct Connection;

struct ConnectionTimer : TimerNode {
  Connection* connection = nullptr;
};

struct Connection {
  Connection(const SessionLimits& limits, SessionPools pools, Now now, LinkId link_id,
             std::string peer_text)
      : session(Role::smsc, limits, pools, now),
        held(pools.tx),
        id(link_id),
        peer(std::move(peer_text)) {
    timer.connection = this;
  }

  ListLink dirty;  ///< in the shard's list of connections to look at before the turn ends
  ListLink gated;  ///< in the list of those with octets that wait for the journal
  Gates gates;
  ConnectionTimer timer;
  Session session;
  ByteQueue held;  ///< received, but not to be processed yet
  IntrusiveList<MessageRecord, &MessageRecord::link>
      awaiting_send;                 ///< receipts behind an unsent submit_sm_resp
  const Account* account = nullptr;  ///< once a bind named it; stays for the log
  Nanos pace_until = 0;
  Nanos stall_deadline = never;  ///< of the send in flight
  std::uint64_t pdus_counted = 0;
  std::uint32_t malformed_binds_counted = 0;
  LinkId id;
  bool sending = false;
  bool reading_paused = false;
  bool over = false;    ///< the session has ended; only sending what is left and closing remain
  bool broken = false;  ///< nothing more can be sent
  bool close_asked = false;
  bool bound_once = false;  ///< a bind as `account` was accepted
  bool counted = false;     ///< among its account's binds
  bool receives = false;    ///< known to its home shard
  std::string peer;

  /// Whether what belongs to that account may be written to it. True from its bind on, also while
  /// it ends: what was asked for before is still answered.
  bool serves(std::uint32_t index) const {
    return bound_once && account != nullptr && account->index == index;
  }
};

}  // namespace ringgate
