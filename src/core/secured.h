// What a socket keeps whose octets go through a channel.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "io/channel.h"

namespace ringgate {

struct Secured {
  Secured(std::unique_ptr<io::Channel> made, std::string from)
      : channel(std::move(made)), address(std::move(from)) {}

  const std::unique_ptr<io::Channel> channel;
  const std::string address;
  Octets unsent;          ///< of the shard's send, not written to the channel yet
  std::size_t taken = 0;  ///< of it, on its way: the shard hears of it when all that has gone
  bool shaking = false;   ///< the channel is another thread's
  std::size_t sent_meanwhile = 0;  ///< octets of a send that ended while it was
  bool begun = false;              ///< it has been another thread's before
  bool told = false;               ///< the shard knows that it is over
  bool ends = false;               ///< the peer shall read an end behind what is on its way
};

}  // namespace ringgate
