// The connections of one shard: their names, their memory, who is to be looked at before the turn
// ends, their timers, and the one batch of commands that a turn gives the network.
#pragma once

#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/assert.h"
#include "base/intrusive_list.h"
#include "base/planted.h"
#include "base/slab.h"
#include "base/timer_wheel.h"
#include "io/network.h"
#include "shard/budget.h"
#include "shard/connection.h"

namespace ringgate {

/// A connection is made without a name, which it gets once it has a place, and is kept until the
/// network has let go of it. One thread.
class Links {
 public:
  /// `protocol` is what peers speak, and outlives this.
  Links(const ShardBudget& budget, const Protocol& protocol, Nanos now);
  ~Links();
  Links(const Links&) = delete;
  Links& operator=(const Links&) = delete;

  // Their life.

  /// Null when there is no room. `limits` outlives the connection.
  Connection* make(const SessionLimits& limits, std::string peer, Now now) {
    if (connections_.in_use() == connections_.capacity()) return nullptr;
    return connections_.take(
        protocol_.make_session(limits, SessionPools{tx_pool_, carry_pool_}, now), held_pool_,
        std::move(peer));
  }
  /// From now on find() knows it, by a name that never comes back.
  void name(Connection& connection) {
    ASSERT(connection.id == LinkId{});
    const std::uint32_t slot = connections_.index_of(&connection);
    ++last_serial_;
    connection.id = names_[slot] =
        LinkId::make(slot, PLANTED("names repeat") ? (last_serial_ & 3) + 1 : last_serial_);
    slots_.insert_or_assign(connection.id.serial(), slot);
  }
  /// The end, of a named one or of one that never got so far.
  void release(Connection& connection);

  /// Null when it is no more.
  Connection* find(LinkId link) {
    if (link.slot() >= names_.size() || link == LinkId{} || names_[link.slot()] != link)
      return nullptr;
    return &connections_.at(link.slot());
  }
  /// By half of its name, which is all that programs have. Null when it is no more.
  Connection* find_serial(std::uint64_t serial) {
    const auto found = slots_.find(serial);
    return found == slots_.end() ? nullptr : &connections_.at(found->second);
  }
  /// Whoever is there, for a fault that is planted.
  LinkId anybody_at(std::uint32_t slot) const { return names_[slot]; }
  bool is_named(const Connection& connection) const {
    return names_[connection.id.slot()] == connection.id;
  }
  /// Calls f(Connection&) for all that have a name.
  template <class F>
  void for_each(F&& f) {
    for (std::uint32_t slot = 0; slot < names_.size(); ++slot)
      if (names_[slot] != LinkId{}) f(connections_.at(slot));
  }
  /// Whoever is at that place and has a name, or null.
  Connection* at(std::uint32_t place) {
    return names_[place] == LinkId{} ? nullptr : &connections_.at(place);
  }
  std::uint32_t places() const { return static_cast<std::uint32_t>(names_.size()); }
  std::uint32_t in_use() const { return connections_.in_use(); }
  /// No octet is held for anybody.
  bool holds_nothing() const {
    return tx_pool_.empty() && held_pool_.empty() && carry_pool_.in_use() == 0;
  }
  const OctetPool& tx_pool() const { return tx_pool_; }
  const OctetPool& held_pool() const { return held_pool_; }

  // A turn.

  /// It is looked at before the turn ends.
  void touch(Connection& connection) {
    if (!connection.dirty.linked()) dirty_.push_back(connection);
  }
  /// The next that was touched, or null.
  Connection* pop_touched() { return dirty_.pop_front(); }
  bool has_touched() const { return !dirty_.empty(); }

  void command(io::LinkCommand::Kind kind, const Connection& connection, Octets octets = {}) {
    commands_.push_back({kind, connection.id, octets});
  }
  /// What the turn asks of the network, at once.
  void give_commands(io::Network& network) {
    if (commands_.empty()) return;
    network.apply(commands_);
    commands_.clear();
  }

  // Timers: one per connection.

  void arm(Connection& connection, Nanos at) { timers_.arm(connection.timer, at); }
  /// Calls f(Connection&) for those whose time has come.
  template <class F>
  void advance(Nanos now, F&& f) {
    timers_.advance(now,
                    [&f](TimerNode& node) { f(*static_cast<ConnectionTimer&>(node).connection); });
  }
  Nanos deadline() const { return timers_.next_deadline(); }

 private:
  const Protocol& protocol_;
  OctetPool tx_pool_;
  OctetPool held_pool_;
  ChunkPool carry_pool_;
  Slab<Connection> connections_;
  std::vector<LinkId> names_;  // by slot: who is there; none: it is free
  std::unordered_map<std::uint64_t, std::uint32_t> slots_;  // by serial
  std::uint64_t last_serial_ = 0;
  IntrusiveList<Connection, &Connection::dirty> dirty_;
  std::vector<io::LinkCommand> commands_;
  TimerWheel timers_;
};

}  // namespace ringgate
