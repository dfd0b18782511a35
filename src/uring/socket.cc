#include "uring/socket.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>

namespace ringgate::uring {

namespace {

constexpr int user_timeout_ms = 60'000;
constexpr int keepalive_idle_s = 60;
constexpr int keepalive_interval_s = 10;
constexpr int keepalive_probes = 6;

void set_option(int fd, int level, int name, int value) {
  (void)setsockopt(fd, level, name, &value, sizeof value);
}

// Closes a half-made socket on the way out of a failure, without disturbing errno.
int close_and_return_errno(int fd) {
  const int os_errno = errno;
  close(fd);
  return os_errno;
}

std::string reason(int os_errno) { return std::system_category().message(os_errno); }

Error socket_error(int os_errno) {
  switch (os_errno) {
    case EMFILE:
    case ENFILE:
      return Error{ErrorCode::full, os_errno,
                   "no file descriptor for a socket: raise the limit of open files (`ulimit -n`, "
                   "LimitNOFILE=)"};
    case EAFNOSUPPORT:
      return Error{ErrorCode::not_supported, os_errno,
                   "this machine has no such address family (IPv6 switched off?)"};
    default:
      return Error{ErrorCode::io, os_errno, "cannot make a socket: " + reason(os_errno)};
  }
}

Error listen_error(int os_errno, const std::string& address, std::uint16_t port) {
  const std::string port_text = "port " + std::to_string(port);
  switch (os_errno) {
    case EADDRINUSE:
      return Error{ErrorCode::busy, os_errno,
                   port_text + " on " + address + " is in use by another program"};
    case EACCES:
    case EPERM:
      return Error{
          ErrorCode::permission, os_errno,
          port_text + " on " + address +
              " needs a privilege: choose a port above 1023, or grant CAP_NET_BIND_SERVICE "
              "(AmbientCapabilities= of the service)"};
    case EADDRNOTAVAIL:
      return Error{ErrorCode::invalid, os_errno, address + " is not an address of this machine"};
    default:
      return Error{ErrorCode::io, os_errno,
                   "cannot listen on " + address + " " + port_text + ": " + reason(os_errno)};
  }
}

Error connect_error(int os_errno, const SocketAddress& address) {
  const std::string target = address.text();
  switch (os_errno) {
    case ECONNREFUSED:
      return Error{ErrorCode::busy, os_errno, "nothing listens on " + target};
    case ETIMEDOUT:
    case EHOSTUNREACH:
    case ENETUNREACH:
      return Error{ErrorCode::io, os_errno, target + " cannot be reached: " + reason(os_errno)};
    case EACCES:
    case EPERM:
      return Error{ErrorCode::permission, os_errno,
                   "a firewall of this machine forbids connecting to " + target};
    default:
      return Error{ErrorCode::io, os_errno,
                   "cannot connect to " + target + ": " + reason(os_errno)};
  }
}

Result<int> tcp_socket(const SocketAddress& address) {
  const int fd = socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_TCP);
  if (fd < 0) return socket_error(errno);
  return fd;
}

}  // namespace

std::string SocketAddress::text() const {
  char host[INET6_ADDRSTRLEN] = {};
  if (storage.ss_family == AF_INET) {
    sockaddr_in in{};
    std::memcpy(&in, &storage, sizeof in);
    inet_ntop(AF_INET, &in.sin_addr, host, sizeof host);
    return std::string(host) + ":" + std::to_string(ntohs(in.sin_port));
  }
  if (storage.ss_family == AF_INET6) {
    sockaddr_in6 in6{};
    std::memcpy(&in6, &storage, sizeof in6);
    inet_ntop(AF_INET6, &in6.sin6_addr, host, sizeof host);
    return "[" + std::string(host) + "]:" + std::to_string(ntohs(in6.sin6_port));
  }
  return "unknown";
}

Result<SocketAddress> parse_address(const std::string& address, std::uint16_t port) {
  SocketAddress result;
  sockaddr_in in{};
  if (inet_pton(AF_INET, address.c_str(), &in.sin_addr) == 1) {
    in.sin_family = AF_INET;
    in.sin_port = htons(port);
    std::memcpy(&result.storage, &in, sizeof in);
    result.size = sizeof in;
    return result;
  }
  sockaddr_in6 in6{};
  if (inet_pton(AF_INET6, address.c_str(), &in6.sin6_addr) == 1) {
    in6.sin6_family = AF_INET6;
    in6.sin6_port = htons(port);
    std::memcpy(&result.storage, &in6, sizeof in6);
    result.size = sizeof in6;
    return result;
  }
  return Error{ErrorCode::invalid, 0, "\"" + address + "\" is not an IPv4 or IPv6 address"};
}

Result<int> listen_tcp(const std::string& address, std::uint16_t port, int backlog) {
  const Result<SocketAddress> parsed = parse_address(address, port);
  if (!parsed) return parsed.error();
  const SocketAddress& local = parsed.value();
  Result<int> made = tcp_socket(local);
  if (!made) return made;
  const int fd = made.value();

  set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1);
  if (local.storage.ss_family == AF_INET6) set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
  if (bind(fd, local.raw(), local.size) != 0)
    return listen_error(close_and_return_errno(fd), address, port);
  if (listen(fd, backlog) != 0) return listen_error(close_and_return_errno(fd), address, port);
  return fd;
}

Result<int> connect_tcp(const std::string& address, std::uint16_t port, unsigned timeout_ms) {
  const Result<SocketAddress> parsed = parse_address(address, port);
  if (!parsed) return parsed.error();
  const SocketAddress& remote = parsed.value();
  Result<int> made = tcp_socket(remote);
  if (!made) return made;
  const int fd = made.value();
  // The send timeout bounds a connect as well (socket(7)); it ends with EINPROGRESS then.
  const auto set_send_timeout = [fd](unsigned milliseconds) {
    const timeval timeout{static_cast<time_t>(milliseconds / 1000),
                          static_cast<suseconds_t>(milliseconds % 1000 * 1000)};
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout);
  };
  if (timeout_ms != 0) set_send_timeout(timeout_ms);
  if (connect(fd, remote.raw(), remote.size) != 0) {
    const int error = close_and_return_errno(fd);
    return connect_error(error == EINPROGRESS ? ETIMEDOUT : error, remote);
  }
  if (timeout_ms != 0) set_send_timeout(0);
  tune_accepted(fd);
  return fd;
}

std::uint16_t bound_port(int fd) {
  SocketAddress local;
  local.size = sizeof local.storage;
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&local.storage), &local.size) != 0) return 0;
  // The port lies at the same place in both families, but only these two have one.
  if (local.storage.ss_family != AF_INET && local.storage.ss_family != AF_INET6) return 0;
  sockaddr_in in{};
  std::memcpy(&in, &local.storage, sizeof in);
  return ntohs(in.sin_port);
}

void tune_accepted(int fd) {
  // A batch of responses is one send already; Nagle would only hold its tail back for 40 ms.
  set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
  set_option(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, user_timeout_ms);
  set_option(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
  set_option(fd, IPPROTO_TCP, TCP_KEEPIDLE, keepalive_idle_s);
  set_option(fd, IPPROTO_TCP, TCP_KEEPINTVL, keepalive_interval_s);
  set_option(fd, IPPROTO_TCP, TCP_KEEPCNT, keepalive_probes);
}

bool has_unread(int fd) {
  int count = 0;
  return ioctl(fd, FIONREAD, &count) == 0 && count > 0;
}

std::string peer_text(int fd) {
  SocketAddress peer;
  peer.size = sizeof peer.storage;
  if (getpeername(fd, reinterpret_cast<sockaddr*>(&peer.storage), &peer.size) != 0)
    return "unknown";
  return peer.text();
}

}  // namespace ringgate::uring
