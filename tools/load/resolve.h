// From a host's name to an address that answers.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "uring/socket.h"

namespace ringgate::load {

/// The address that `host` is or stands for; of several the first that takes a connection, or just
/// the first where none does. "[::1]" is ::1. Waits for the resolver, and for at most eight
/// connections, each for two seconds at most.
Result<uring::SocketAddress> resolve(const std::string& host, std::uint16_t port);

}  // namespace ringgate::load
