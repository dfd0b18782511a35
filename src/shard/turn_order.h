// Who is read next, and how much of it: one connection's flood is the others' delay.
//
// A turn works through a bounded amount of input. What arrives for a connection that has nothing
// waiting is looked at in place, up to a quantum. What is more waits in one of two lines:
//
//   fresh   came while the turn had nothing left; has not had its quantum
//   heavy   has had its quantum: served in rounds, a quantum each
//
// The fresh go first, so that whoever sends little is served in the turn in which it arrives, or in
// the next, however many send without end (the idea of fq_codel's new flows). Who has used more
// than its quantum stays in the heavy line until a round has paid for it, also when it has nothing
// to be read meanwhile: or else whoever sends one large PDU after the other would be fresh for
// each. Work is counted and not timed, so that the simulator can hold the bounds.
#pragma once

#include <algorithm>

#include "base/assert.h"
#include "base/planted.h"
#include "base/rarely.h"
#include "shard/connection.h"

namespace ringgate {

/// One shard's. One thread.
class TurnOrder {
 public:
  /// Work a connection may do before others come; see Session::allow for the unit. A usual window
  /// in one go, so that what it brings is read in place.
  static constexpr std::int64_t quantum = 64;
  /// Work of a whole turn; the last PDU may go beyond it. A submit costs 0.2 to 0.7 µs, so this is
  /// a quarter of a millisecond to three quarters; who comes meanwhile waits for two of them.
  static constexpr std::int64_t turn_work = 1024;
  /// Octets waiting of a connection that sends little: about a quantum of short messages. One PDU
  /// of more can cost a turn.
  static constexpr std::size_t little = 8 * 1024;

  void begin_turn() {
    ++turn_;
    left_ = turn_work;
  }
  bool turn_is_over() const { return left_ <= 0; }
  bool empty() const { return fresh_.empty() && heavy_.empty(); }

  /// Octets have come for it and nothing waits: lets the session work on them, unless others are
  /// before it.
  void grant(Connection& connection) {
    TurnShare& share = connection.turn_share;
    ASSERT(share.turn <= turn_);
    const auto passed = static_cast<std::int64_t>(std::min<std::uint64_t>(turn_ - share.turn, 64));
    const bool must_wait = connection.heavy.linked() || !fresh_.empty() ||
                           connection.session.carried() > little ||
                           RARELY("what arrives waits for its turn");
    if (!connection.heavy.linked())
      share.credit = std::min(quantum, share.credit + passed * share_of_turn());
    allow(connection, must_wait ? 0 : share.credit);
  }
  /// After work on what next() has named, or after grant(), when the session has worked.
  void settle(Connection& connection) {
    TurnShare& share = connection.turn_share;
    const std::int64_t used = share.granted - connection.session.allowance();
    ASSERT(used >= 0);
    share.credit -= used;
    left_ -= used;
    work_max_ = std::max(work_max_, turn_work - left_);
    connection.session.allow(Session::unlimited);
    if (share.credit <= 0 && !connection.heavy.linked()) heavy_.push_back(connection);
  }

  /// It has so many octets that could be worked on.
  void wait(Connection& connection, std::uint64_t waiting) {
    TurnShare& share = connection.turn_share;
    if (connection.fresh.linked() || connection.heavy.linked()) return;
    if (share.credit > 0 && waiting <= little) {
      share.since = turn_;
      fresh_.push_back(connection);
    } else {
      heavy_.push_back(connection);
    }
  }
  bool waits_heavily(const Connection& connection) const { return connection.heavy.linked(); }
  void leave(Connection& connection) {
    if (connection.fresh.linked()) fresh_.remove(connection);
    if (connection.heavy.linked()) heavy_.remove(connection);
  }
  /// The next to be read, which has left its line and may work; null when nobody waits or the turn
  /// is over.
  Connection* next() {
    if (turn_is_over()) return nullptr;
    if (Connection* const connection = fresh_.pop_front()) {
      ASSERT(connection->turn_share.since <= turn_);
      wait_max_ = std::max(wait_max_, turn_ - connection->turn_share.since);
      allow(*connection, RARELY("one PDU is read at a time") ? 1 : connection->turn_share.credit);
      return connection;
    }
    while (!turn_is_over()) {
      Connection* const connection = heavy_.pop_front();
      if (connection == nullptr) return nullptr;
      TurnShare& share = connection->turn_share;
      share.credit = std::min(quantum, share.credit + quantum);
      allow(*connection, share.credit);
      if (share.credit > 0 && !connection->held.empty()) return connection;
      --left_;  // A look costs as well, and a round of nothing but debts has to end.
      connection->session.allow(Session::unlimited);
      if (share.credit <= 0) heavy_.push_back(*connection);
    }
    return nullptr;
  }

  /// The most work of any turn, and the most turns that a fresh connection has waited.
  std::int64_t work_max() const { return work_max_; }
  std::uint64_t wait_max() const { return wait_max_; }

 private:
  /// What a turn brings to each of those that wait.
  std::int64_t share_of_turn() const {
    const auto waiting = static_cast<std::int64_t>(fresh_.size() + heavy_.size());
    return std::min(quantum, turn_work / std::max<std::int64_t>(waiting, 1));
  }
  void allow(Connection& connection, std::int64_t work) {
    TurnShare& share = connection.turn_share;
    share.turn = turn_;
    share.granted = PLANTED("no turn order") ? Session::unlimited : std::min(work, left_);
    connection.session.allow(share.granted);
  }

  IntrusiveList<Connection, &Connection::fresh> fresh_;
  IntrusiveList<Connection, &Connection::heavy> heavy_;
  std::uint64_t turn_ = 1;
  std::int64_t left_ = turn_work;
  std::int64_t work_max_ = 0;
  std::uint64_t wait_max_ = 0;
};

}  // namespace ringgate
