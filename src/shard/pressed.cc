#include "shard/pressed.h"

#include <algorithm>

#include "base/rarely.h"

namespace ringgate {
namespace {

constexpr std::size_t relieved_at_once = 64;
constexpr Nanos relief_pause = milliseconds(5);

}  // namespace

bool Pressed::is_pressed(const Connection& connection) {
  if (PLANTED("no shares")) return false;
  if (connection.queued() <= pressed_queue_max) return false;
  if (RARELY("memory for octets is short")) return true;
  if (is_short(links_.tx_pool()) && connection.session.output().held() > pressed_queue_max)
    return true;
  if (is_short(links_.held_pool()) && connection.held.held() > pressed_queue_max) return true;
  if (connection.account == nullptr) return false;
  const std::uint32_t account = connection.account->index;
  return uses_.of(account).queued_octets > uses_.bounds_of(account).queued_octets;
}

/// Looked at anew with each connection: one turn can bring much.
bool Pressed::is_short(const OctetPool& pool) const {
  const std::uint64_t from = measure_rows[static_cast<std::size_t>(Measure::stop_reading)].from;
  return house_.emergency.is(Measure::stop_reading) ||
         pool.in_use() * 100 >= pool.capacity() * from;
}

void Pressed::look(Connection& connection) {
  if (connection.account != nullptr) {
    std::uint64_t& octets = uses_.of(connection.account->index).queued_octets;
    const std::uint64_t queued = connection.over ? 0 : connection.queued();
    ASSERT(octets >= connection.queued_counted);
    octets += queued - connection.queued_counted;
    connection.queued_counted = queued;
  }
  const bool pressed = !connection.over && is_pressed(connection);
  if (pressed == connection.pressed.linked()) return;
  if (pressed) {
    list_.push_back(connection);
    house_.counters.emergency_pauses.add();
  } else {
    list_.remove(connection);
  }
}

void Pressed::relieve() {
  if (list_.empty() || house_.now.mono < relieve_at_) return;
  relieve_at_ = house_.now.mono + relief_pause;
  for (std::size_t i = std::min<std::size_t>(relieved_at_once, list_.size()); i-- > 0;) {
    Connection& connection = *list_.pop_front();
    list_.push_back(connection);
    links_.touch(connection);
  }
}

}  // namespace ringgate
