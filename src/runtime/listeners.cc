#include "runtime/listeners.h"

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <thread>

#include "uring/socket.h"

namespace ringgate::runtime {
namespace {

constexpr int listen_backlog = 4096;
constexpr int busy_port_tries = 10;
constexpr int busy_port_pause_ms = 50;

/// After a kill -9 the kernel takes down the old process's ring, and with it the listening socket,
/// a moment later than the process; and so it does with a listener that was just closed.
Result<int> listen(const ListenOptions& options) {
  auto fd = uring::listen_tcp(options.address, options.port, listen_backlog);
  for (int tries = 0; !fd && fd.error().os_errno == EADDRINUSE && tries < busy_port_tries;
       ++tries) {
    std::this_thread::sleep_for(std::chrono::milliseconds(busy_port_pause_ms));
    fd = uring::listen_tcp(options.address, options.port, listen_backlog);
  }
  return fd;
}

}  // namespace

Listeners::~Listeners() {
  for (std::size_t i = 0; i < descriptors_.size(); ++i) close(i);
}

Result<std::size_t> Listeners::open(const ListenOptions& options) {
  if (count() >= count_max)
    return Error{ErrorCode::busy, 0,
                 "there have been " + std::to_string(count_max) +
                     " listeners since the server was started: restart it"};
  auto fd = listen(options);
  if (!fd) return fd.error();
  const std::scoped_lock lock(mutex_);
  descriptors_.push_back(fd.value());
  return descriptors_.size() - 1;
}

bool Listeners::close(std::size_t listener) {
  const std::scoped_lock lock(mutex_);
  if (listener >= descriptors_.size() || descriptors_[listener] < 0) return false;
  // A ring that accepts holds the socket open, but not a socket that is shut down.
  ::shutdown(descriptors_[listener], SHUT_RDWR);
  ::close(descriptors_[listener]);
  descriptors_[listener] = -1;
  return true;
}

std::size_t Listeners::count() const {
  const std::scoped_lock lock(mutex_);
  return descriptors_.size();
}

int Listeners::descriptor(std::size_t listener) const {
  const std::scoped_lock lock(mutex_);
  return listener < descriptors_.size() ? descriptors_[listener] : -1;
}

std::uint16_t Listeners::port(std::size_t listener) const {
  const int fd = descriptor(listener);
  return fd < 0 ? std::uint16_t{0} : uring::bound_port(fd);
}

}  // namespace ringgate::runtime
