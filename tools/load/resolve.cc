#include "load/resolve.h"

#include <netdb.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cstring>
#include <memory>
#include <vector>

namespace ringgate::load {
namespace {

constexpr std::size_t tries_max = 8;
constexpr time_t try_s = 2;

struct Freer {
  void operator()(addrinfo* list) const { freeaddrinfo(list); }
};

bool answers(const uring::SocketAddress& address) {
  const int fd = socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return false;
  // The send timeout bounds a connect as well (socket(7)).
  const timeval timeout{try_s, 0};
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout);
  const bool connected = connect(fd, address.raw(), address.size) == 0;
  close(fd);
  return connected;
}

/// The brackets in which URLs and this program's reports have IPv6 addresses are none of theirs.
std::string without_brackets(const std::string& host) {
  const bool bracketed =
      host.size() > 2 && host.front() == '[' && host.back() == ']' && host.find(':') != host.npos;
  return bracketed ? host.substr(1, host.size() - 2) : host;
}

}  // namespace

Result<uring::SocketAddress> resolve(const std::string& given, std::uint16_t port) {
  const std::string host = without_brackets(given);
  if (auto literal = uring::parse_address(host, port)) return literal;
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int fault = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
  if (fault != 0)
    return Error{ErrorCode::invalid, 0, "\"" + given + "\": " + std::string(gai_strerror(fault))};
  const std::unique_ptr<addrinfo, Freer> list(found);
  std::vector<uring::SocketAddress> addresses;
  for (const addrinfo* one = found; one != nullptr && addresses.size() < tries_max;
       one = one->ai_next) {
    uring::SocketAddress& address = addresses.emplace_back();
    std::memcpy(&address.storage, one->ai_addr, one->ai_addrlen);
    address.size = one->ai_addrlen;
  }
  if (addresses.empty()) return Error{ErrorCode::invalid, 0, "\"" + given + "\" has no address"};
  // A name such as localhost stands for an IPv6 address as well, on which few listen.
  if (addresses.size() > 1)
    for (const uring::SocketAddress& address : addresses)
      if (answers(address)) return address;
  return addresses.front();
}

}  // namespace ringgate::load
