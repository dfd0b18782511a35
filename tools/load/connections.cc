#include "load/connections.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"

namespace ringgate::load {

namespace {

// A window of 64 messages of 230 octets lies in one piece most of the time, and is one send.
constexpr std::uint32_t tx_chunk_size_min = 64 * 1024;
constexpr std::uint32_t carry_chunk_size = 1024;

std::uint32_t tx_chunk_size(std::size_t message_size_max) {
  constexpr std::size_t head = 64;  // the chunk's own
  return std::max(tx_chunk_size_min,
                  static_cast<std::uint32_t>((message_size_max + head + 63) / 64 * 64));
}

// Per connection: output up to the mark and the message that crosses it, each possibly in a chunk
// that is not full, and one chunk for the answers we owe. Untouched chunks cost address space only.
std::uint32_t tx_chunk_count(const Options& options, std::size_t connections) {
  const std::uint64_t each =
      options.idle_binds != 0 ? 2 : 2 * Connections::output_high_water / tx_chunk_size_min + 3;
  const std::uint64_t count = each * connections;
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(count, 1u << 24));
}

SessionLimits limits_of(const Options& options) {
  SessionLimits limits;
  limits.session_init = limits.response = options.response_timeout;
  limits.enquire_link = options.enquire_link;
  limits.inactivity = options.inactivity;
  return limits;
}

}  // namespace

Connections::Connections(const Options& options, std::size_t count_max,
                         std::size_t message_size_max)
    : limits_(limits_of(options)),
      tx_pool_(tx_chunk_size(message_size_max), tx_chunk_count(options, count_max)),
      carry_pool_(carry_chunk_size, static_cast<std::uint32_t>(count_max)) {
  connections_.reserve(count_max);
}

Connection& Connections::add(const Place& place, Now now) {
  ASSERT(place.index == connections_.size());
  return *connections_.emplace_back(make(place, now));
}

Connection& Connections::renew(std::uint32_t index, Now now) {
  std::unique_ptr<Connection>& slot = connections_[index];
  ASSERT(slot->over);
  ASSERT(slot->fd < 0);
  auto next = make(slot->place, now);
  next->mix = std::move(slot->mix);
  next->wanted_at = slot->wanted_at;
  next->failures = slot->failures;
  next->generation = slot->generation + 1;
  slot = std::move(next);
  return *slot;
}

std::unique_ptr<Connection> Connections::make(const Place& place, Now now) {
  return std::make_unique<Connection>(place, limits_, SessionPools{tx_pool_, carry_pool_}, now);
}

}  // namespace ringgate::load
