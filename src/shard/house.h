// What every room of a shard stands on: what the shard was told, whom it serves, the world outside,
// the time of the turn, and the counters.
#pragma once

#include <memory>
#include <utility>

#include <ringgate/backend.h>
#include <ringgate/gate.h>
#include <ringgate/log.h>

#include "base/log_line.h"
#include "io/disk.h"
#include "io/mesh.h"
#include "io/network.h"
#include "io/passwords.h"
#include "routing/roster.h"
#include "shard/counters.h"
#include "shard/emergency.h"
#include "shard/shard_options.h"
#include "shard/steady_clock.h"

namespace ringgate {

/// What a shard is given to reach the world beside its connections. All outlive it.
struct ShardWorld {
  const Protocol& protocol;  ///< what all connections speak
  io::Mesh& mesh;
  io::Passwords& passwords;
  Log* log = nullptr;
  io::Disk* disk = nullptr;  ///< where there is a journal
  Gate* gate = nullptr;      ///< null: the accounts decide who binds
};

/// The shard makes it first and moves its time, its emergency, its draining and its roster; rooms
/// only read those.
struct House {
  House(const ShardOptions& told, std::shared_ptr<const Roster> accounts, Backend& served,
        Replies& shard, Verdicts& judged, io::Network& sockets, const ShardWorld& outside,
        Now start)
      : options(told),
        limits(told.limits),
        roster(std::move(accounts)),
        backend(served),
        wishes(served.wishes()),
        replies(shard),
        verdicts(judged),
        network(sockets),
        world(outside),
        steady(start),
        now(start) {
    ASSERT(options.index < options.count);
    limits.ids = &options.ids;
    limits.long_passwords = directory().long_passwords();
  }
  House(const House&) = delete;
  House& operator=(const House&) = delete;

  const Directory& directory() const { return roster->directory; }
  /// The shard of an account's outbox.
  unsigned home_of(std::uint32_t account) const { return account % options.count; }
  bool is_home_of(std::uint32_t account) const { return home_of(account) == options.index; }
  /// That connection of this shard, as other shards know it.
  BindRef bind_of(LinkId link) const { return {link, static_cast<std::uint16_t>(options.index)}; }
  /// The same, as programs know it.
  SessionId session_of(LinkId link) const { return make_session_id(options.index, link); }
  DefaultAlphabet alphabet_of(std::uint32_t account) const {
    return directory().at(account).options.quirks.default_alphabet;
  }
  /// The steady clock's second of this turn.
  std::int64_t steady_s() const { return steady.seconds_at(now); }
  Nanos receipt_expiry() const { return seconds(options.receipt_expiry_s); }
  /// Writes a line about this shard.
  void tell(LogLevel level, LogLine& line) const {
    if (world.log != nullptr) world.log->write(level, line.field("shard", options.index).view());
  }

  const ShardOptions options;
  SessionLimits limits;  ///< sessions refer to it
  /// Another one when accounts change. Nobody keeps what he has from it from one input to the next,
  /// but for what Shard::adopt() renews.
  std::shared_ptr<const Roster> roster;
  Backend& backend;
  const BackendWishes wishes;
  Replies& replies;    ///< the shard, for what the backend answers at once
  Verdicts& verdicts;  ///< the shard, for what the gate decides at once
  io::Network& network;
  const ShardWorld world;
  const SteadyClock steady;
  ShardCounters counters;
  Now now;
  Emergency emergency;
  bool draining = false;  ///< nothing new is taken any more
};

}  // namespace ringgate
