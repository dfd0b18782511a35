#include "runtime/listeners.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
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
  for (std::size_t i = 0; i < listeners_.size(); ++i) close(i);
}

Result<std::shared_ptr<const io::TlsListener>> Listeners::read_certificates(
    const ListenOptions& options) const {
  if (!options.has_tls()) return std::shared_ptr<const io::TlsListener>();
  if (tls_ == nullptr)
    return Error{ErrorCode::not_supported, 0,
                 "listen.tls: this program was built without TLS, or has not asked for it"};
  auto opened = tls_->open(options.tls);
  if (!opened)
    return Error{opened.error().code, opened.error().os_errno,
                 "listen.tls: " + opened.error().text};
  return std::move(opened.value());
}

Result<std::size_t> Listeners::open(const ListenOptions& options) {
  if (count() >= count_max)
    return Error{ErrorCode::busy, 0,
                 "there have been " + std::to_string(count_max) +
                     " listeners since the server was started: restart it"};
  auto tls = read_certificates(options);
  if (!tls) return tls.error();
  auto fd = listen(options);
  if (!fd) return fd.error();
  const std::scoped_lock lock(mutex_);
  listeners_.push_back({fd.value(), options, std::make_unique<const ListenerTerms>(options),
                        std::move(tls.value())});
  return listeners_.size() - 1;
}

bool Listeners::close(std::size_t listener) {
  const std::scoped_lock lock(mutex_);
  if (listener >= listeners_.size() || listeners_[listener].descriptor < 0) return false;
  int& descriptor = listeners_[listener].descriptor;
  // A ring that accepts holds the socket open, but not a socket that is shut down.
  ::shutdown(descriptor, SHUT_RDWR);
  ::close(descriptor);
  descriptor = -1;
  return true;
}

std::size_t Listeners::count() const {
  const std::scoped_lock lock(mutex_);
  return listeners_.size();
}

int Listeners::descriptor(std::size_t listener) const {
  const std::scoped_lock lock(mutex_);
  return listener < listeners_.size() ? listeners_[listener].descriptor : -1;
}

std::uint16_t Listeners::port(std::size_t listener) const {
  const int fd = descriptor(listener);
  return fd < 0 ? std::uint16_t{0} : uring::bound_port(fd);
}

const ListenerTerms* Listeners::terms(std::size_t listener) const {
  const std::scoped_lock lock(mutex_);
  return listeners_[listener].terms.get();
}

std::unique_ptr<io::Channel> Listeners::make_channel(std::size_t listener) const {
  const std::scoped_lock lock(mutex_);
  // A connection may have come by one that has been closed meanwhile.
  const auto& tls = listeners_[listener].tls;
  return tls == nullptr ? nullptr : tls->make();
}

Result<void> Listeners::reload_certificates() {
  const std::size_t all = count();
  std::vector<std::shared_ptr<const io::TlsListener>> read(all);
  for (std::size_t i = 0; i < all; ++i) {
    if (descriptor(i) < 0) continue;
    auto one = read_certificates(options_of(i));
    if (!one) return one.error();
    read[i] = std::move(one.value());
  }
  const std::scoped_lock lock(mutex_);
  for (std::size_t i = 0; i < all; ++i)
    if (read[i] != nullptr) listeners_[i].tls = std::move(read[i]);
  return {};
}

ListenOptions Listeners::options_of(std::size_t listener) const {
  const std::scoped_lock lock(mutex_);
  return listeners_[listener].options;
}

std::vector<ListenerCertificate> Listeners::certificates() const {
  const std::scoped_lock lock(mutex_);
  std::vector<ListenerCertificate> out;
  for (const Listener& one : listeners_) {
    if (one.descriptor < 0 || one.tls == nullptr) continue;
    const auto& all = one.tls->certificates();
    out.insert(out.end(), all.begin(), all.end());
  }
  return out;
}

std::uint64_t Listeners::expiring(std::int64_t before_s) const {
  const std::scoped_lock lock(mutex_);
  std::int64_t out = 0;
  for (const Listener& one : listeners_)
    if (one.descriptor >= 0 && one.tls != nullptr)
      out += std::ranges::count_if(one.tls->certificates(), [before_s](const auto& certificate) {
        return certificate.not_after_s < before_s;
      });
  return static_cast<std::uint64_t>(out);
}

}  // namespace ringgate::runtime
