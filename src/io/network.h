// What a shard asks of the network, once per turn.
#pragma once

#include <cstdint>
#include <span>

#include <ringgate/types.h>

#include "base/link_id.h"

namespace ringgate::io {

struct LinkCommand {
  enum class Kind : std::uint8_t {
    send,    ///< `octets` stay where they are until on_sent or on_released; one send per link at a
             ///< time
    pause,   ///< stop reading; what has been received already still arrives
    resume,  ///< read again
    close,   ///< answered by on_released once the link is really gone
  };
  Kind kind = Kind::send;
  LinkId link;
  Octets octets;
};

class Network {
 public:
  /// All commands of one turn of the calling shard.
  virtual void apply(std::span<const LinkCommand> commands) = 0;

 protected:
  ~Network() = default;
};

}  // namespace ringgate::io
