// What every room of a shard stands on: what the shard was told, whom it serves, the world outside,
// the time of the turn, and the counters.
#pragma once

#include <ringgate/backend.h>
#include <ringgate/log.h>

#include "base/log_line.h"
#include "io/disk.h"
#include "io/mesh.h"
#include "io/network.h"
#include "io/passwords.h"
#include "policy/directory.h"
#include "routing/number_plan.h"
#include "shard/counters.h"
#include "shard/shard_options.h"
#include "shard/steady_clock.h"

namespace ringgate {

/// What a shard is given to reach the world beside its connections. All outlive it.
struct ShardWorld {
  const Protocol& protocol;  ///< what all connections speak
  io::Mesh& mesh;
  io::Passwords& passwords;
  Log* log = nullptr;
  const NumberPlan* numbers = nullptr;  ///< null: nobody owns a number
  io::Disk* disk = nullptr;             ///< where there is a journal
};

/// The shard makes it first and moves its time and its draining; rooms only read those.
struct House {
  House(const ShardOptions& told, const Directory& accounts, Backend& served, Replies& shard,
        io::Network& sockets, const ShardWorld& outside, Now start)
      : options(told),
        limits(told.limits),
        directory(accounts),
        backend(served),
        replies(shard),
        network(sockets),
        world(outside),
        steady(start),
        now(start) {
    ASSERT(options.index < options.count);
    limits.ids = &options.ids;
  }
  House(const House&) = delete;
  House& operator=(const House&) = delete;

  /// The shard of an account's outbox.
  unsigned home_of(std::uint32_t account) const { return account % options.count; }
  bool is_home_of(std::uint32_t account) const { return home_of(account) == options.index; }
  /// That connection of this shard, as other shards know it.
  BindRef bind_of(LinkId link) const { return {link, static_cast<std::uint16_t>(options.index)}; }
  DefaultAlphabet alphabet_of(std::uint32_t account) const {
    return directory.at(account).options.quirks.default_alphabet;
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
  const Directory& directory;
  Backend& backend;
  Replies& replies;  ///< the shard, for what the backend answers at once
  io::Network& network;
  const ShardWorld world;
  const SteadyClock steady;
  ShardCounters counters;
  Now now;
  bool draining = false;  ///< nothing new is taken any more
};

}  // namespace ringgate
