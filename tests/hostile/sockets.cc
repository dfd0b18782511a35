#include "sockets.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

namespace ringgate::hostile {
namespace {

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

void set_option(int fd, int level, int name, int value) {
  setsockopt(fd, level, name, &value, sizeof value);
}

bool reach(int fd, sockaddr_in to, const char* source) {
  if (source != nullptr) {
    sockaddr_in from = loopback(0);
    // Without this the kernel would give every connection a port of its own, whatever its address.
    set_option(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1);
    if (inet_pton(AF_INET, source, &from.sin_addr) != 1 ||
        bind(fd, reinterpret_cast<sockaddr*>(&from), sizeof from) != 0)
      return false;
  }
  return connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0;
}

enum class Hearing : std::uint8_t { good, deaf };

int connect_with(std::uint16_t port, const char* source, Hearing hearing) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  const linger reset{1, 0};
  setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
  set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
  if (hearing == Hearing::deaf) {
    set_option(fd, SOL_SOCKET, SO_RCVBUF, 4096);
    // The kernel's buffer on the other side is a multiple of this.
    set_option(fd, IPPROTO_TCP, TCP_MAXSEG, 1000);
  }
  if (reach(fd, loopback(port), source)) return fd;
  close(fd);
  return -1;
}

}  // namespace

int connect_from(std::uint16_t port, const char* source) {
  return connect_with(port, source, Hearing::good);
}

int connect_deaf(std::uint16_t port) { return connect_with(port, nullptr, Hearing::deaf); }

bool raise_descriptors(std::size_t count) {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return false;
  if (limit.rlim_cur >= count) return true;
  limit.rlim_cur = std::min<rlim_t>(count, limit.rlim_max);
  return setrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur >= count;
}

std::size_t resident_octets() {
  std::size_t size = 0, resident = 0;
  std::ifstream("/proc/self/statm") >> size >> resident;
  return resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

std::uint16_t unused_port() {
  for (std::uint16_t port = 21'000; port < 32'000; ++port) {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_in address = loopback(port);
    const bool free = bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    close(fd);
    if (free) return port;
  }
  return 0;
}

}  // namespace ringgate::hostile
