// Octets in: what connections have sent becomes requests for the rooms below, in turns, and what a
// connection may not be read for yet is held for it.
//
//   on_bytes ─> consume ─> events          while it may be read and has its turn
//           └─> held ─> turn order ─> read_waiting ─> consume
//                  └─> sift                responses, which wait for no pace and no window
#pragma once

#include "session/event.h"
#include "session/held_input.h"
#include "shard/binds.h"
#include "shard/connection.h"
#include "shard/delivery.h"
#include "shard/house.h"
#include "shard/intake.h"
#include "shard/links.h"
#include "shard/multi_submits.h"
#include "shard/operations.h"
#include "shard/submits.h"
#include "shard/turn_order.h"

namespace ringgate {

/// One thread.
class Reading {
 public:
  /// The rooms that it knows. All outlive it.
  struct Rooms {
    Links& links;
    Binds& binds;
    Intake& intake;
    Submits& submits;
    MultiSubmits& multi;
    Operations& operations;
    Delivery& delivery;
  };

  Reading(House& house, const Rooms& rooms) : house_(house), rooms_(rooms) {}

  void begin_turn() { order_.begin_turn(); }
  /// Octets arrived; borrowed for the call.
  void on_bytes(Connection& connection, Octets octets);
  /// Gets in line if something of what it has sent could be worked on.
  void wait_for_turn(Connection& connection);
  /// What could not be looked at when it came, in turn, until this turn has done its work.
  void read_waiting();
  /// The next answer to a request of ours, or its end without one; false when there is none.
  bool read_response(Connection& connection);
  /// It is over, and waits no more.
  void leave(Connection& connection) { order_.leave(connection); }

  /// Nothing more of it may be worked on for now.
  bool blocked(const Connection& connection) const {
    const std::size_t queued = connection.session.output().size();
    return connection.session.blocked() || connection.pace_until > house_.now.mono ||
           queued > connection.backlog_max() ||
           // Only what would make its output longer: working on what it has sent gives memory back.
           (connection.pressed.linked() && queued > pressed_queue_max);
  }
  const TurnOrder& order() const { return order_; }

 private:
  Octets consume(Connection& connection, Octets octets);
  bool pump(Connection& connection);
  void read_held(Connection& connection);
  static bool may_sift(const Connection& connection) {
    return connection.held.can_look() && connection.session.bound() &&
           connection.session.close_cause() == CloseCause::none && !PLANTED("responses wait");
  }
  void sift(Connection& connection);
  void count_pdus(Connection& connection);

  House& house_;
  const Rooms rooms_;
  TurnOrder order_;
  Event event_;
  HeldInput::Joined joined_response_;
};

}  // namespace ringgate
