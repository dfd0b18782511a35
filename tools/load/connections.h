// A thread's connections, and the memory that their sessions share.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/chunk_pool.h"
#include "load/connection.h"
#include "load/options.h"

namespace ringgate::load {

/// One thread. Connections keep their addresses until they are renewed.
class Connections {
 public:
  /// Output of a connection that waits for its socket; who submits pauses above.
  static constexpr std::uint64_t output_high_water = 1 << 20;

  /// `count_max` at most, which send messages of so many octets at most.
  Connections(const Options& options, std::size_t count_max, std::size_t message_size_max);

  Connection& add(const Place& place, Now now);
  /// In the place of one that is over and closed; what it sends goes on where that one has stopped.
  Connection& renew(std::uint32_t index, Now now);

  const SessionLimits& limits() const { return limits_; }
  std::size_t size() const { return connections_.size(); }
  Connection& operator[](std::size_t index) { return *connections_[index]; }
  auto begin() { return connections_.begin(); }
  auto end() { return connections_.end(); }

 private:
  std::unique_ptr<Connection> make(const Place& place, Now now);

  const SessionLimits limits_;
  OctetPool tx_pool_;
  ChunkPool carry_pool_;
  std::vector<std::unique_ptr<Connection>> connections_;
};

}  // namespace ringgate::load
