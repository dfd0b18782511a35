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
constexpr unsigned heavy_per_turn_max = 8;
static_assert(heavy_per_turn_max + light_buffers_max < SocketTable::buffer_count);
// Where buffers ran out, whoever is armed for as many as it can get may take all of them again, and
// the others' turn never comes. So for a while who is armed gets one, in turn, and is heavy when he
// fills it; and a turn arms no more than there are buffers for.
constexpr std::uint64_t crowded_turns = 8;
constexpr std::size_t crowded_per_turn_max = SocketTable::buffer_count - heavy_per_turn_max;
// What comes through channels is deciphered as it comes, which costs a turn far more than to take
// it in. In a turn that had more of it than this, who fills whole buffers is heavy at once.
constexpr std::size_t deciphered_light_max = 8 * SocketTable::buffer_size;
// What a channel has made of one buffer is given to the shard at once, and a record more.
constexpr std::size_t read_max = 2 * SocketTable::buffer_size;
// Of a send, so much is encrypted at a time, which is a record: it is memory until the peer has
// read it, and the shard hears of it only then.
constexpr std::size_t written_max = 16 * 1024;
// After our last octets a peer gets this long to read them and close; a close at once could reset
// them away.
constexpr Nanos linger_time = seconds(1);

}  // namespace

SocketTable::SocketTable(io::Sockets& kernel, io::Channels* channels, Shard& shard,
                         std::uint32_t places)
    : kernel_(kernel), channels_(channels), shard_(shard), sockets_(places) {}

void SocketTable::open(int socket, LinkId link, std::unique_ptr<io::Channel> channel,
                       std::string address) {
  Socket& place = sockets_[link.slot()];
  ASSERT(place.fd < 0 && socket >= 0);
  place = {};
  place.fd = socket;
  place.link = link;
  place.wanted = true;
  if (channel != nullptr) {
    ASSERT(channels_ != nullptr);
    place.secured = std::make_unique<Secured>(std::move(channel), std::move(address));
  }
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
  if (socket.closing || octets.empty()) return;
  if (socket.secured == nullptr) [[likely]]
    return shard_.on_bytes(socket.link, octets);
  on_cipher(socket, octets);
}

void SocketTable::on_received(std::uint32_t slot, int result, bool more) {
  Socket& socket = sockets_[slot];
  ASSERT(socket.fd >= 0 && socket.receiving);
  socket.receiving = more;
  if (result == -ENOBUFS) crowded_until_ = turn_ + crowded_turns;
  const bool goes_on = result > 0 || result == -ENOBUFS || result == -ECANCELED;
  if (goes_on)
    weigh(socket, result);
  else
    hang_up(socket, result < 0);
  if (socket.closing) release_if_quiet(socket);
}

/// Whether it takes more than its share of the buffers, and so how it is read from now on.
void SocketTable::weigh(Socket& socket, int result) {
  const bool is_costly =
      result >= buffer_size &&
      (is_crowded() || (socket.secured != nullptr && deciphered_ > deciphered_light_max));
  if ((buffers_of(socket) > light_buffers_max || is_costly) && !socket.heavy) {
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
  socket.hung_up = true;
  socket.receiving = false;
  const bool told = socket.secured != nullptr && std::exchange(socket.secured->told, true);
  if (!socket.closing && (!told || broken))
    tell_later(socket.link, broken ? End::broken : End::orderly);
}

/// In this turn, where it has time for that.
void SocketTable::tell_later(LinkId link, End how) {
  untold_.push_back({link, how});
  tell_ends();
}

/// As many as the turn has time for, in the order in which they came.
void SocketTable::tell_ends() {
  for (; !untold_.empty() && ended_ < ends_per_turn_max; ++ended_) {
    if (ended_ != 0 && RARELY("an end is told in a later turn")) return;
    const Untold end = untold_.front();
    untold_.pop_front();
    const Socket* const socket = find(end.link);
    // It may have been closed meanwhile for another reason.
    if (socket != nullptr && !socket->closing) tell(*socket, end.how);
  }
}

void SocketTable::tell(const Socket& socket, End how) {
  const std::string_view fault =
      how == End::channel ? socket.secured->channel->fault() : std::string_view();
  if (fault.empty())
    shard_.on_hangup(socket.link, how == End::broken);
  else
    shard_.on_insecure(socket.link, fault);
}

void SocketTable::on_sent(std::uint32_t slot, int result) {
  Socket& socket = sockets_[slot];
  ASSERT(socket.fd >= 0 && socket.sending);
  socket.sending = false;
  if (socket.secured != nullptr && result >= 0)
    return on_cipher_sent(socket, static_cast<std::size_t>(result));
  if (socket.closing) return release_if_quiet(socket);
  if (result >= 0)
    shard_.on_sent(socket.link, static_cast<std::size_t>(result));
  else
    tell_later(socket.link, End::broken);
}

// ---- channels

/// What the kernel has of a peer is not what its session reads.
void SocketTable::on_cipher(Socket& socket, Octets octets) {
  Secured& secured = *socket.secured;
  // One buffer at a time is asked for until it is open, and none while another thread has it.
  ASSERT(!secured.shaking);
  io::Channel& channel = *secured.channel;
  if (!channel.hears()) return;
  channel.put(octets);
  deciphered_ += octets.size();
  if (channel.stage() != io::Channel::Stage::shaking) return read_channel(socket);
  if (!channel.can_shake()) return;
  secured.shaking = true;
  channels_->shake(socket.link, channel, secured.address, !std::exchange(secured.begun, true));
}

void SocketTable::on_shaken(LinkId link) {
  Socket* const socket = find(link);
  // It is kept until then.
  ASSERT(socket != nullptr && socket->is_shaking());
  Secured& secured = *socket->secured;
  secured.shaking = false;
  if (const std::size_t sent = std::exchange(secured.sent_meanwhile, 0))
    secured.channel->sent(sent);
  if (socket->closing) return release_if_quiet(*socket);
  const io::Channel& channel = *secured.channel;
  if (channel.stage() == io::Channel::Stage::open) shard_.on_secured(link, channel);
  if (channel.stage() == io::Channel::Stage::shaking)
    send_outgoing(*socket);
  else
    read_channel(*socket);
  if (!secured.unsent.empty()) write_channel(*socket);
  if (!socket->receiving) receive_later(*socket);
}

/// Gives the shard what there is to read, in as few pieces as possible: each costs it a batch.
void SocketTable::read_channel(Socket& socket) {
  io::Channel& channel = *socket.secured->channel;
  read_.resize(read_max);
  std::size_t filled = 0;
  const auto give = [&] {
    if (filled != 0) shard_.on_bytes(socket.link, Octets(read_).first(filled));
    filled = 0;
  };
  while (const std::size_t count = channel.read(std::span(read_).subspan(filled))) {
    filled += count;
    if (read_.size() - filled < buffer_size) give();
  }
  give();
  send_outgoing(socket);
  if (!channel.hears()) tell_over(socket);
}

/// Once: by its channel, or else by the socket's own end.
void SocketTable::tell_over(Socket& socket) {
  if (socket.closing || std::exchange(socket.secured->told, true)) return;
  tell_later(socket.link, End::channel);
}

void SocketTable::look_again() {
  for (const LinkId link : std::exchange(later_, {})) {
    Socket* const socket = find(link);
    if (socket == nullptr) continue;
    send_outgoing(*socket);
    if (!socket->secured->channel->hears()) tell_over(*socket);
  }
}

void SocketTable::write_channel(Socket& socket) {
  Secured& secured = *socket.secured;
  ASSERT(secured.taken == 0);
  if (secured.shaking || secured.channel->stage() == io::Channel::Stage::shaking) return;
  const Octets octets = secured.unsent.first(std::min(secured.unsent.size(), written_max));
  secured.unsent = {};
  secured.taken = octets.size();
  secured.channel->write(octets);
  // Of a channel that is over, the shard hears when the next turn begins: not while it gives its
  // commands, as it does now.
  if (secured.channel->stage() == io::Channel::Stage::over)
    later_.push_back(socket.link);
  else
    send_outgoing(socket);
}

void SocketTable::send_outgoing(Socket& socket) {
  if (socket.sending) return;
  Secured& secured = *socket.secured;
  const Octets octets = secured.channel->outgoing();
  if (!octets.empty()) {
    socket.sending = true;
    return kernel_.send(socket.fd, socket.link, octets);
  }
  if (secured.taken != 0 && !socket.closing)
    shard_.on_sent(socket.link, std::exchange(secured.taken, 0));
  if (std::exchange(secured.ends, false)) kernel_.end_sending(socket.fd);
}

void SocketTable::on_cipher_sent(Socket& socket, std::size_t count) {
  if (socket.is_shaking()) {
    socket.secured->sent_meanwhile = count;
    return;
  }
  socket.secured->channel->sent(count);
  if (!socket.closing || !socket.hung_up) send_outgoing(socket);
  if (socket.closing) release_if_quiet(socket);
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
      ASSERT(!socket.closing);
      if (socket.secured != nullptr) [[unlikely]] {
        socket.secured->unsent = command.octets;
        write_channel(socket);
        break;
      }
      ASSERT(!socket.sending);
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
      close(socket, socket.hung_up || is_stuck(socket));
      break;
  }
}

/// Its peer has not read what the shard gave it. What a channel sends of its own is not that.
bool SocketTable::is_stuck(const Socket& socket) {
  return socket.sending && (socket.secured == nullptr || socket.secured->taken != 0);
}

bool SocketTable::has_unread(LinkId link) {
  const Socket* const socket = find(link);
  return socket != nullptr && kernel_.has_unread(socket->fd);
}

// ---- receives

void SocketTable::receive(Socket& socket) {
  ASSERT(!socket.receiving);
  socket.receiving = true;
  kernel_.receive(socket.fd, socket.link, socket.streaming && !socket.heavy && !is_crowded());
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
  if (socket->wanted && !socket->receiving && !socket->hung_up && !socket->is_shaking())
    receive(*socket);
}

void SocketTable::arm_receives() {
  const std::size_t light_max = is_crowded() ? crowded_per_turn_max : rearm_.size();
  for (std::size_t i = 0; i < light_max && !rearm_.empty(); ++i) {
    receive_now(rearm_.front());
    rearm_.pop_front();
  }
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
  // A handshake that waits is in vain, and must not keep its place.
  if (socket.is_shaking() && channels_->withdraw(*socket.secured->channel))
    socket.secured->shaking = false;
  socket.wanted = !at_once;
  if (!at_once) {
    end_sending(socket);
    lingering_.push_back({socket.link, now_ + linger_time});
    if (!socket.receiving) receive_later(socket);
    return;
  }
  if (socket.receiving || socket.sending) kernel_.break_off(socket.fd, socket.link);
  release_if_quiet(socket);
}

/// The peer reads an end, behind whatever its channel has to say.
void SocketTable::end_sending(Socket& socket) {
  if (socket.secured == nullptr || socket.is_shaking()) return kernel_.end_sending(socket.fd);
  socket.secured->ends = true;
  socket.secured->channel->finish();
  send_outgoing(socket);
}

void SocketTable::release_if_quiet(Socket& socket) {
  const bool lingers = socket.wanted && !socket.hung_up;
  if ((socket.is_under_way() && !PLANTED("closed under way")) || lingers) return;
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
  deciphered_ = 0;
  tell_ends();
  if (!later_.empty()) look_again();
}

Nanos SocketTable::deadline() const {
  const bool goes_on = !rearm_.empty() || !rearm_heavy_.empty() || has_ends() || !later_.empty();
  if (goes_on) return now_;
  return lingering_.empty() ? never : lingering_.front().until;
}

}  // namespace ringgate
