#include "shard/links.h"

namespace ringgate {
namespace {

constexpr Nanos timer_grain = milliseconds(10);
constexpr std::size_t commands_usual = 256;  // of a turn

}  // namespace

Links::Links(const ShardBudget& budget, const Protocol& protocol, Nanos now)
    : protocol_(protocol),
      tx_pool_(ShardBudget::tx_chunk_size, budget.tx_chunks, budget.tx_small),
      held_pool_(ShardBudget::held_chunk_size, budget.held_chunks, budget.places),
      carry_pool_(ShardBudget::carry_chunk_size, budget.carry_chunks),
      connections_(budget.connections),
      names_(budget.connections),
      timers_(now, timer_grain) {
  commands_.reserve(commands_usual);
}

Links::~Links() {
  for_each([this](Connection& connection) { connections_.give(&connection); });
}

void Links::release(Connection& connection) {
  if (connection.dirty.linked()) dirty_.remove(connection);
  timers_.disarm(connection.timer);
  if (connection.id != LinkId{}) {
    ASSERT(is_named(connection));
    names_[connection.id.slot()] = {};
    slots_.erase(connection.id.serial());
  }
  connections_.give(&connection);
}

}  // namespace ringgate
