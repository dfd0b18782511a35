#include "shard/budget.h"

#include <algorithm>

#include "base/link_id.h"

namespace ringgate {

ShardBudget make_budget(std::uint32_t connections_max, std::uint32_t shard_count,
                        std::uint32_t messages_max) {
  ShardBudget budget;
  // Placement balances, but only by load: let one shard hold twice its share, and all of it where
  // there is one.
  budget.connections = shard_count == 1 ? connections_max : connections_max / shard_count * 2 + 16;
  budget.connections = std::clamp(budget.connections, 16u, LinkId::slot_count);
  budget.messages = messages_max;
  budget.tx_chunks =
      512     // two for each of 256 connections that stream at full speed
      + 1024  // slow readers: 200 of them with a full backlog and what they held before it
      + 512;  // held input of paced accounts
  budget.carry_chunks = budget.connections  // one partial PDU each
                        + 1;                // the one being replaced while the next begins
  return budget;
}

}  // namespace ringgate
