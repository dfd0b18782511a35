// Messages between shards.
#pragma once

#include <cstdint>

namespace ringgate::io {

/// Twenty-four octets; shard/mail.h gives the fields their meaning by kind.
struct Mail {
  std::uint8_t kind = 0;
  std::uint8_t code = 0;
  std::uint16_t number = 0;
  std::uint32_t account = 0;
  std::uint64_t link = 0;
  std::uint64_t pointer = 0;
};
static_assert(sizeof(Mail) == 24);

class Mesh {
 public:
  /// Queues mail for another shard. Never fails and never waits: what does not fit the queue spills
  /// to memory of the sender and follows in order. Delivered after the sender's turn.
  virtual void post(unsigned shard, const Mail& mail) = 0;

 protected:
  ~Mesh() = default;
};

}  // namespace ringgate::io
