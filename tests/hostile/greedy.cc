#include "greedy.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

#include "sockets.h"

namespace ringgate::hostile {
namespace {

/// Whole repetitions, so that one send carries much and its end is the end of a PDU.
constexpr std::size_t octets_min = 1024 * 1024;

}  // namespace

Greedy::Greedy(std::uint16_t port, std::size_t connections, const std::string& greeting,
               std::string octets) {
  while (octets_.size() < octets_min) octets_ += octets;
  for (std::size_t i = 0; i < connections; ++i) {
    const int fd = connect_from(port, nullptr);
    EXPECT_GE(fd, 0);
    if (fd < 0) continue;
    EXPECT_EQ(send(fd, greeting.data(), greeting.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(greeting.size()));
    all_.push_back({fd, 0});
  }
  thread_ = std::thread([this] { run(); });
}

Greedy::~Greedy() {
  stop_ = true;
  thread_.join();
  for (const One& one : all_)
    if (one.fd >= 0) close(one.fd);
}

void Greedy::run() {
  std::vector<pollfd> waits(all_.size());
  while (!stop_) {
    for (std::size_t i = 0; i < all_.size(); ++i) waits[i] = {all_[i].fd, POLLIN | POLLOUT, 0};
    poll(waits.data(), waits.size(), 10);
    for (std::size_t i = 0; i < all_.size(); ++i) {
      if (waits[i].revents == 0 || work(all_[i], waits[i].revents)) continue;
      close(all_[i].fd);
      all_[i].fd = -1;
      ++ended_;
    }
  }
}

bool Greedy::work(One& one, short events) {
  char thrown_away[256 * 1024];
  if ((events & ~POLLOUT) != 0) {
    const ssize_t size = recv(one.fd, thrown_away, sizeof thrown_away, MSG_DONTWAIT);
    if (size == 0 || (size < 0 && errno != EAGAIN)) return false;
  }
  if ((events & POLLOUT) == 0) return true;
  const ssize_t size =
      send(one.fd, octets_.data() + one.at, octets_.size() - one.at, MSG_NOSIGNAL | MSG_DONTWAIT);
  if (size < 0) return errno == EAGAIN;
  one.at = (one.at + static_cast<std::size_t>(size)) % octets_.size();
  sent_ += static_cast<std::uint64_t>(size);
  return true;
}

}  // namespace ringgate::hostile
