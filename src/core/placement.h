// Which shard a new connection goes to.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <ringgate/types.h>

namespace ringgate {

/// What is known of a shard when a connection comes.
struct ShardLoad {
  std::uint64_t pdus = 0;         ///< counted since start
  std::uint64_t connections = 0;  ///< open
  bool full = false;              ///< has no place, or nobody who would give way
};

/// SMPP has few, long-lived, heavy connections, so hashing addresses would leave shards idle: the
/// acceptor places each one on the shard with the lowest PDU rate (an average over about a second),
/// and by connection count where rates are alike.
class Placement {
 public:
  explicit Placement(std::size_t shard_count) : shards_(shard_count) {}

  /// Takes samples; call before choose(). Cheap when the last one is recent.
  void sample(Nanos now, const std::vector<ShardLoad>& loads);
  /// Empty when all are full.
  std::optional<std::size_t> choose(const std::vector<ShardLoad>& loads) const;

 private:
  struct State {
    std::uint64_t pdus = 0;
    double rate = 0;
  };
  std::vector<State> shards_;
  Nanos sampled_ = 0;
};

}  // namespace ringgate
