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
    stream,  ///< its peer is known: read it in whatever pieces come, from now on
    close,   ///< answered by on_released once the link is really gone
    abort,   ///< the same, without giving the peer time to read what was sent
  };
  Kind kind = Kind::send;
  LinkId link;
  Octets octets;
};

class Network {
 public:
  /// All commands of one turn of the calling shard.
  virtual void apply(std::span<const LinkCommand> commands) = 0;

  /// Whether octets of that link have arrived that were not handed over yet. Asked before a timer
  /// says that a peer is silent.
  virtual bool has_unread(LinkId link) = 0;

 protected:
  ~Network() = default;
};

}  // namespace ringgate::io
