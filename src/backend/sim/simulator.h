// A message centre that exists only in memory: takes every submit, waits, and reports an outcome
// drawn from a mix. It remembers its messages for a while, so they can be queried, cancelled and
// replaced, and sends messages of its own if asked to.
//
// Accounts and addresses are compared in full, never by a hash. A message waits while it is
// scheduled or the server wants to hear its outcome; one that nobody waits for is remembered by its
// id only.
//
// - cancel_sm without an id (5.0 §4.5.1) means what waits between the two addresses at that moment,
//   of its service_type if it names one. A source address that is NULL means messages submitted
//   with NULL.
// - replace_if_present_flag (5.0 §4.7.23): of the messages that wait on the same shard, with the
//   same source address, destination address and service_type, the newest is not delivered any
//   more. It ends as DELETED, which is reported if its outcome is owed; the new one lives under its
//   own id, with its own times and outcome. If there is none, or the submit is a part of a long
//   message, whose siblings it would replace, the flag does nothing.
//
// The default backend, the one benchmarks and tests run against. One instance serves all shards;
// each shard has its own timers, random numbers and memory in it.
#pragma once

#include <array>
#include <memory>
#include <vector>

#include <ringgate/backend.h>
#include <ringgate/options.h>

#include "backend/sim/remembered_message.h"
#include "base/prng.h"

namespace ringgate {

struct Cancel;
struct Pending;

class Simulator final : public Backend {
 public:
  /// `pending_max` per shard: messages that wait for their outcome; more are answered
  /// ESME_RMSGQFUL.
  Simulator(const SimOptions& options, std::uint32_t pending_max);
  ~Simulator() override;

  void on_start(unsigned shard_count, Now now,
                const std::shared_ptr<Replies>& replies) noexcept override;

  void on_submits(std::span<const Submit> submits, Now now, Replies& replies) noexcept override;
  void on_operations(std::span<const Operation> operations, Now now,
                     Replies& replies) noexcept override;
  Nanos deadline(unsigned shard) const noexcept override;
  void on_deadline(Now now, Replies& replies) noexcept override;

 private:
  void on_operation(const Operation& operation, Now now, Replies& replies);
  struct PerShard;
  struct Found;
  /// What is to be told of a message that waits no more.
  struct Ended {
    Ticket ticket;
    Outcome outcome;
    bool owed = false;
  };

  RememberedMessage& remember(PerShard& shard, const Submit& submit);
  void take(PerShard& shard, const Submit& submit, Now now, Replies& replies);
  MessageState draw_outcome(Prng& prng) const;
  Nanos draw_delay(Prng& prng) const;
  void on_timer(PerShard& shard, Pending& pending, Now now, Replies& replies);
  Ended end(PerShard& shard, Pending& pending);
  Ended remove(PerShard& shard, Pending& pending, Now now);
  void send_mo(PerShard& shard, Now now, Replies& replies);

  Found find(PerShard& shard, const Operation& operation, AccountNumber asker);
  OperationAnswer query(PerShard& shard, const Operation& operation, Now now);
  OperationAnswer cancel(PerShard& shard, const Operation& operation, Now now, Replies& replies);
  void cancel_all(PerShard& shard, const Operation& operation, Now now, Replies& replies);
  bool cancel_some(PerShard& shard, Cancel& cancel, Now now, Replies& replies);
  void on_next_cancel(PerShard& shard, Now now, Replies& replies);
  OperationAnswer replace(PerShard& shard, const Operation& operation, Now now);
  void broadcast(PerShard& shard, const Operation& operation, Now now, Replies& replies);
  bool is_over(const Found& found, Now now) const;

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
