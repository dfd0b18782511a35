#include "core/socket_table.h"

#include <algorithm>
#include <cerrno>

#include "base/assert.h"
#include "base/planted.h"
#include "base/rarely.h"
#include "shard/shard.h"

namespace ringgate {
namespace {

// A link that fills more buffers than this in a turn gets one at a time from then on.
constexpr std::uint32_t light_buffers_max = 8;
// Of those, so many are read per turn: together they cannot take all buffers.
constexpr unsigned heavy_per_turn_max = 16;
static_assert(heavy_per_turn_max + light_buffers_max < SocketTable::buffer_count);
// After our last octets a peer gets this long to read them and close; a close at once could reset
// them away.
constexpr Nanos linger_time = seconds(1);

}  // namespace

SocketTable::SocketTable(io::Sockets& kernel, Shard& shard, std::uint32_t places)
    : kernel_(kernel), shard_(shard), sockets_(places) {}

void SocketTable::open(int socket, LinkId link) {
  Socket& place = sockets_[link.slot()];
  ASSERT(place.fd < 0 && socket >= 0);
  place = {};
  place.fd = socket;
  place.link = link;
  place.wanted = true;
  receive(place);
}

LinkId SocketTable::at(std::uint32_t slot) const {
  ASSERT(slot < sockets_.size() && sockets_[slot].fd >= 0);
  return sockets_[slot].link;
}

SocketTable::Socket* SocketTable::find(LinkId link) {
  Socket& socket = sockets_[link.slot()];
  return socket.fd >= 0 && socket.link == link ? &socket : nullptr;
}

void SocketTable::close_all() {
  for (Socket& socket : sockets_) {
    if (socket.fd >= 0) kernel_.close(socket.fd);
    socket = {};
  }
}

// ---- completions

/// That it has taken in this turn.
std::uint32_t& SocketTable::buffers_of(Socket& socket) const {
  if (socket.turn != turn_) {
    socket.turn = turn_;
    socket.buffers = 0;
  }
  return socket.buffers;
}

void SocketTable::on_octets(std::uint32_t slot, Octets octets) {
  Socket& socket = sockets_[slot];
  ++buffers_of(socket);
  // What comes while we wait for the peer to close is read only to be thrown away.
  if (!socket.closing && !octets.empty()) shard_.on_bytes(socket.link, octets);
}

void SocketTable::on_received(std::uint32_t slot, int result, bool more) {
  Socket& socket = sockets_[slot];
  ASSERT(socket.fd >= 0 && socket.receiving);
  socket.receiving = more;
  const bool goes_on = result > 0 || result == -ENOBUFS || result == -ECANCELED;
  if (goes_on)
    weigh(socket, result);
  else
    hang_up(socket, result < 0);
  if (socket.closing) release_if_quiet(socket);
}

/// Whether it takes more than its share of the buffers, and so how it is read from now on.
void SocketTable::weigh(Socket& socket, int result) {
  if (buffers_of(socket) > light_buffers_max && !socket.heavy) {
    socket.heavy = true;
    if (socket.receiving) cancel_receive(socket);
  } else if (result > 0 && result < buffer_size && !socket.receiving) {
    socket.heavy = false;  // It has nothing more for now.
  }
  if (socket.receiving || !socket.wanted) return;
  rearmed_.add();
  receive_later(socket);
}

void SocketTable::hang_up(Socket& socket, bool broken) {
  ++ended_;
  socket.hung_up = true;
  socket.receiving = false;
  if (!socket.closing) shard_.on_hangup(socket.link, broken);
}

void SocketTable::on_sent(std::uint32_t slot, int result) {
  Socket& socket = sockets_[slot];
  ASSERT(socket.fd >= 0 && socket.sending);
  socket.sending = false;
  if (socket.closing) return release_if_quiet(socket);
  if (result >= 0)
    shard_.on_sent(socket.link, static_cast<std::size_t>(result));
  else
    shard_.on_hangup(socket.link, true);
}

// ---- of the shard

void SocketTable::apply(std::span<const io::LinkCommand> commands) {
  for (const io::LinkCommand& command : commands) carry_out(command);
}

void SocketTable::carry_out(const io::LinkCommand& command) {
  Socket& socket = sockets_[command.link.slot()];
  ASSERT(socket.link == command.link && socket.fd >= 0);
  switch (command.kind) {
    case io::LinkCommand::Kind::send:
      ASSERT(!socket.sending && !socket.closing);
      socket.sending = true;
      kernel_.send(socket.fd, socket.link, command.octets);
      break;
    case io::LinkCommand::Kind::pause:
      socket.wanted = false;
      // When it is read again, then behind those who have not had to stop.
      socket.heavy = socket.streaming;
      if (socket.receiving) cancel_receive(socket);
      break;
    case io::LinkCommand::Kind::resume:
      socket.wanted = true;
      if (!socket.receiving) receive_later(socket);
      break;
    case io::LinkCommand::Kind::stream:
      socket.streaming = true;
      break;
    case io::LinkCommand::Kind::abort:
      close(socket, true);
      break;
    case io::LinkCommand::Kind::close:
      close(socket, socket.sending || socket.hung_up);
      break;
  }
}

bool SocketTable::has_unread(LinkId link) {
  const Socket* const socket = find(link);
  return socket != nullptr && kernel_.has_unread(socket->fd);
}

// ---- receives

void SocketTable::receive(Socket& socket) {
  ASSERT(!socket.receiving);
  socket.receiving = true;
  kernel_.receive(socket.fd, socket.link, socket.streaming && !socket.heavy);
}

void SocketTable::cancel_receive(const Socket& socket) { kernel_.cancel_receive(socket.link); }

/// Not at once: buffers must have been given back, and the order is arm_receives()'s.
void SocketTable::receive_later(Socket& socket) {
  if (socket.queued) return;
  socket.queued = true;
  if (socket.heavy)
    rearm_heavy_.push_back(socket.link);
  else
    rearm_.push_back(socket.link);
}

void SocketTable::receive_now(LinkId link) {
  Socket* const socket = find(link);
  if (socket == nullptr) return;
  socket->queued = false;
  if (socket->wanted && !socket->receiving && !socket->hung_up) receive(*socket);
}

void SocketTable::arm_receives() {
  for (const LinkId link : rearm_) receive_now(link);
  rearm_.clear();
  for (unsigned i = 0; i < heavy_per_turn_max && !rearm_heavy_.empty(); ++i) {
    if (RARELY("heavy links wait for a turn")) return;
    receive_now(rearm_heavy_.front());
    rearm_heavy_.pop_front();
  }
}

// ---- ends

/// Sends the end and lets the peer read and close; `at_once` when there is nothing to wait for or
/// the peer does not read.
void SocketTable::close(Socket& socket, bool at_once) {
  socket.closing = true;
  socket.wanted = !at_once;
  if (!at_once) {
    kernel_.end_sending(socket.fd);
    lingering_.push_back({socket.link, now_ + linger_time});
    if (!socket.receiving) receive_later(socket);
    return;
  }
  if (socket.receiving || socket.sending) kernel_.break_off(socket.fd, socket.link);
  release_if_quiet(socket);
}

void SocketTable::release_if_quiet(Socket& socket) {
  const bool under_way = socket.receiving || socket.sending;
  const bool lingers = socket.wanted && !socket.hung_up;
  if ((under_way && !PLANTED("closed under way")) || lingers) return;
  kernel_.close(socket.fd);
  released_.push_back(socket.link);
  socket = {};
}

void SocketTable::end_lingering() {
  while (!lingering_.empty() && lingering_.front().until <= now_) {
    Socket* const socket = find(lingering_.front().link);
    if (socket != nullptr) close(*socket, true);
    lingering_.pop_front();
  }
}

void SocketTable::tell_released() {
  for (const LinkId link : released_) shard_.on_released(link);
  released_.clear();
}

// ---- a turn

void SocketTable::begin_turn(Nanos now) {
  now_ = now;
  ++turn_;
  ended_ = 0;
}

Nanos SocketTable::deadline() const {
  if (!rearm_heavy_.empty()) return now_;
  return lingering_.empty() ? never : lingering_.front().until;
}

}  // namespace ringgate
