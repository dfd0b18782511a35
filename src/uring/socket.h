// TCP sockets: making, tuning and naming them. Blocking system calls for start-up, accept and
// clients; data goes through a Ring. Every errno is turned into text here, once.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <string>

#include "base/result.h"

namespace ringgate::uring {

/// An IPv4 or IPv6 address with its port, as the kernel wants it. Plain value.
struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;

  const sockaddr* raw() const { return reinterpret_cast<const sockaddr*>(&storage); }

  /// "127.0.0.1:2775" or "[::1]:2775"; "unknown" for anything but IPv4 and IPv6.
  std::string text() const;
};

/// Reads an IPv4 or IPv6 literal (no names: looking them up would block). Fails with `invalid`.
[[nodiscard]] Result<SocketAddress> parse_address(const std::string& address, std::uint16_t port);

/// A listening socket on an address literal; port 0 takes any free one, which bound_port() tells.
/// An IPv6 listener takes IPv6 only, so that "0.0.0.0" and "::" can be listened on side by side.
/// Fails with `busy` (port in use), `permission` (privileged port), `invalid` (address not of this
/// machine) or `io`; the text names the port and the cure. The caller closes the descriptor.
[[nodiscard]] Result<int> listen_tcp(const std::string& address, std::uint16_t port, int backlog);

/// A blocking connect to an address literal, the socket tuned as an accepted one. Gives up after
/// `timeout_ms` (0: when the kernel does, after about two minutes). The caller closes the
/// descriptor.
[[nodiscard]] Result<int> connect_tcp(const std::string& address, std::uint16_t port,
                                      unsigned timeout_ms = 0);

/// The local port of a socket in host order, 0 if it has none.
[[nodiscard]] std::uint16_t bound_port(int fd);

/// No Nagle delay, and dead peers noticed: after 60 s without acknowledgement of what we sent, or
/// of keepalive probes. Refusals are ignored; the peer may be gone already, which the next receive
/// tells better.
void tune_accepted(int fd);

/// The peer as "127.0.0.1:40312" or "[::1]:40312"; "unknown" once it is gone.
[[nodiscard]] std::string peer_text(int fd);

/// Whether octets have arrived that nobody has read.
[[nodiscard]] bool has_unread(int fd);

}  // namespace ringgate::uring
