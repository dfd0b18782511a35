#include "shard/budget.h"

#include <algorithm>

#include "base/assert.h"
#include "base/link_id.h"

namespace ringgate {

ShardBudget make_budget(std::uint32_t connections_max, std::uint32_t shard_count,
                        std::uint32_t messages_max) {
  ASSERT(shard_count != 0);
  ShardBudget budget;
  // Placement balances, but only by load: let one shard hold twice its share, and all of it where
  // there is one.
  // A connection that has to give way keeps its slot until the kernel has let go of it.
  constexpr std::uint32_t closing = 256;
  budget.places = shard_count == 1 ? connections_max : connections_max / shard_count * 2 + 16;
  budget.places = std::clamp(budget.places, 16u, LinkId::slot_count - closing);
  budget.connections = budget.places + closing;
  ASSERT(budget.connections <= LinkId::slot_count);
  budget.messages = messages_max;
  // Large pieces, for those that stream. Who has little waiting needs none, and when three quarters
  // are gone those that have most are not read until they have less (Pressed).
  budget.tx_chunks = 2 * std::min(budget.places, 256u)    // both directions at full speed
                     + 6 * std::min(budget.places, 200u)  // slow readers with a full backlog
                     + 8;                                 // whoever comes on top of these
  // Input that waits: its own pool, so that strangers, who may fill it, cannot take what answers
  // are written to.
  budget.held_chunks = 2 * std::min(budget.places, 4096u)    // one receive each, strangers' or not
                       + 6 * std::min(budget.places, 512u);  // full backlogs of paced accounts
  budget.tx_small = budget.connections;                      // an answer or an unbind each
  budget.carry_chunks = budget.connections                   // one partial PDU each
                        + 1;  // the one being replaced while the next begins
  return budget;
}

}  // namespace ringgate
