// A message centre that exists only in memory: takes every submit, waits, and reports an outcome
// drawn from a mix. It remembers its messages for a while, so they can be queried, cancelled and
// replaced, and sends messages of its own if asked to.
//
// The default backend, the one benchmarks and tests run against. One instance serves all shards;
// each shard has its own timers, random numbers and memory in it.
#pragma once

#include <array>
#include <memory>
#include <vector>

#include <ringgate/backend.h>
#include <ringgate/options.h>

#include "backend/sim/history.h"
#include "base/prng.h"
#include "base/slab.h"
#include "base/timer_wheel.h"

namespace ringgate {

class Simulator final : public Backend {
 public:
  /// `pending_max` per shard: messages that wait for their outcome; more are answered
  /// ESME_RMSGQFUL.
  Simulator(const SimOptions& options, std::uint32_t pending_max);
  ~Simulator() override;

  void on_start(unsigned shard_count, Now now) override;

  void on_submits(std::span<const Submit> submits, Now now, Replies& replies) override;
  void on_operation(const Operation& operation, Now now, Replies& replies) override;
  Nanos deadline(unsigned shard) const override;
  void on_deadline(Now now, Replies& replies) override;

 private:
  struct Pending;
  struct PerShard;

  RememberedMessage& remember(PerShard& shard, const Submit& submit);
  void take(PerShard& shard, const Submit& submit, Now now, Replies& replies);
  MessageState draw_outcome(Prng& prng) const;
  Nanos draw_delay(Prng& prng) const;
  void on_timer(PerShard& shard, Pending& pending, Now now, Replies& replies);
  void send_mo(PerShard& shard, Now now, Replies& replies);

  OperationAnswer query(PerShard& shard, const Operation& operation, Now now);
  OperationAnswer cancel(PerShard& shard, const Operation& operation, Now now, Replies& replies);
  OperationAnswer replace(PerShard& shard, const Operation& operation, Now now);
  void broadcast(PerShard& shard, const Operation& operation, Now now, Replies& replies);
  bool is_over(const RememberedMessage& message, Now now) const;
  void remove(PerShard& shard, RememberedMessage& message, Now now, Replies& replies);

  struct Weight {
    MessageState state;
    double up_to;  // running sum
  };

  const SimOptions options_;
  const std::uint32_t pending_max_;
  std::array<Weight, 7> weights_;
  bool always_alike_;  // nothing is drawn
  std::vector<std::unique_ptr<PerShard>> shards_;
};

}  // namespace ringgate
