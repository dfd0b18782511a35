#include "load/wires.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "base/assert.h"

namespace ringgate::load {

namespace {

// A record's worth of what a channel has read.
constexpr std::size_t channel_read_max = 16 * 1024;

std::string connect_failure(int os_errno, const std::string& server) {
  switch (os_errno) {
    case ECONNREFUSED:
      return "nothing listens on " + server + "; is the server running?";
    case EADDRNOTAVAIL:
      return "no local port is left for another connection to " + server;
    default:
      return "cannot connect to " + server + ": " + std::system_category().message(os_errno);
  }
}

uring::UserData user_data(Wires::Kind kind, const Connection& connection) {
  return {
      .kind = static_cast<std::uint8_t>(kind), .generation = 0, .index = connection.place.index};
}

}  // namespace

Wires::Wires(uring::Ring& ring, uring::BufferRing& buffers, const Endpoints& endpoints,
             std::function<std::unique_ptr<io::Channel>()> make_channel, std::size_t connections,
             WireEvents& events)
    : ring_(ring),
      buffers_(buffers),
      endpoints_(endpoints),
      make_channel_(std::move(make_channel)),
      events_(events) {
  marked_.reserve(connections);
  rearm_.reserve(connections);
}

// ---- opening

std::string Wires::open(Connection& connection) {
  if (std::string fault = make_socket(connection); !fault.empty()) return fault;
  ++open_;
  uring::tune_accepted(connection.fd);
  connection.connecting = true;
  uring::prep_connect(ring_.sqe(), connection.fd, endpoints_.server.raw(), endpoints_.server.size,
                      user_data(Kind::connect, connection));
  return {};
}

/// What is wrong, or nothing. The port of a local address is chosen when the server's is known: an
/// address has as many to each server.
std::string Wires::make_socket(Connection& connection) {
  const uring::SocketAddress& server = endpoints_.server;
  connection.fd = socket(server.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (connection.fd < 0)
    return errno == EMFILE ? "no file descriptor is left: raise the limit (`ulimit -n`)"
                           : connect_failure(errno, server.text());
  if (endpoints_.from.empty()) return {};
  const uring::SocketAddress& from =
      endpoints_.from[connection.place.pair % endpoints_.from.size()];
  const int yes = 1;
  setsockopt(connection.fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &yes, sizeof yes);
  if (bind(connection.fd, from.raw(), from.size) == 0) return {};
  const std::string why = std::system_category().message(errno);
  close(connection.fd);
  connection.fd = -1;
  return "cannot connect from the addresses of --from: " + why;
}

// ---- completions

void Wires::on_completion(Connection& connection, Kind kind, const io_uring_cqe& completion) {
  switch (kind) {
    case Kind::receive:
      return on_receive(connection, completion);
    case Kind::send:
      return on_send(connection, completion.res);
    case Kind::connect:
      return on_connect(connection, completion.res);
    case Kind::ignored:
      return;
  }
  UNREACHABLE();
}

void Wires::on_connect(Connection& connection, int result) {
  connection.connecting = false;
  if (connection.over) return close_if_quiet(connection);
  if (result < 0) return events_.on_broken(connection, connect_failure(-result, server()));
  arm_receive(connection);
  if (make_channel_) {
    connection.channel = make_channel_();
    connection.channel->shake();
  }
  events_.on_connected(connection);
  mark(connection);
}

void Wires::on_receive(Connection& connection, const io_uring_cqe& completion) {
  buffers_.for_each_buffer(completion, [&](std::uint16_t bid, Octets octets) {
    if (!connection.over && !octets.empty()) {
      if (connection.channel == nullptr)
        events_.on_octets(connection, octets);
      else
        on_cipher(connection, octets);
    }
    buffers_.give_back(bid);
  });
  mark(connection);
  if ((completion.flags & IORING_CQE_F_MORE) != 0) return;
  connection.receiving = false;
  if (connection.over) return close_if_quiet(connection);
  if (completion.res == 0) return events_.on_broken(connection, "the server closed it");
  if (completion.res < 0 && completion.res != -ENOBUFS)
    return events_.on_broken(connection, std::system_category().message(-completion.res));
  rearm_.push_back(&connection);
}

void Wires::on_cipher(Connection& connection, Octets octets) {
  io::Channel& channel = *connection.channel;
  if (!channel.hears()) return;
  channel.put(octets);
  if (channel.stage() == io::Channel::Stage::shaking) channel.shake();
  if (channel.stage() == io::Channel::Stage::shaking) return;
  read_.resize(channel_read_max);
  while (const std::size_t count = channel.read(read_)) {
    events_.on_octets(connection, Octets(read_).first(count));
    if (connection.over) return;
  }
  if (channel.stage() != io::Channel::Stage::over) return;
  const std::string fault(channel.fault());
  events_.on_broken(connection, fault.empty() ? "the server ended TLS" : "TLS: " + fault);
}

void Wires::on_send(Connection& connection, int result) {
  connection.sending = false;
  if (connection.over) return close_if_quiet(connection);
  if (result < 0) return events_.on_broken(connection, std::system_category().message(-result));
  if (connection.channel == nullptr)
    connection.session.output().pop(static_cast<std::size_t>(result));
  else
    connection.channel->sent(static_cast<std::size_t>(result));
  mark(connection);
}

// ---- output

void Wires::flush() {
  for (Connection* const marked : marked_) {
    Connection& connection = *marked;
    connection.dirty = false;
    if (connection.over || connection.sending || connection.connecting) continue;
    if (const Octets octets = to_send(connection); !octets.empty()) {
      connection.sending = true;
      uring::prep_send(ring_.sqe(), connection.fd, octets, user_data(Kind::send, connection));
    } else if (const CloseCause cause = connection.session.close_cause();
               cause != CloseCause::none) {
      events_.on_broken(connection, std::string(close_cause_name(cause)));
    }
  }
  marked_.clear();
}

/// What its socket gets next: of its session, or of the channel that this goes through.
Octets Wires::to_send(Connection& connection) {
  ByteQueue& output = connection.session.output();
  if (connection.channel == nullptr) return output.empty() ? Octets{} : output.front();
  io::Channel& channel = *connection.channel;
  const Octets octets = channel.outgoing();
  if (!octets.empty() || channel.stage() != io::Channel::Stage::open || output.empty())
    return octets;
  const std::size_t size = output.front().size();
  channel.write(output.front());
  output.pop(size);
  return channel.outgoing();
}

void Wires::rearm() {
  // First, because a receive armed on an empty buffer ring fails at once.
  buffers_.publish();
  for (Connection* connection : rearm_)
    if (!connection->over && !connection->receiving) arm_receive(*connection);
  rearm_.clear();
}

void Wires::arm_receive(Connection& connection) {
  connection.receiving = true;
  uring::prep_recv_multishot(ring_.sqe(), connection.fd, buffers_.group(),
                             ring_.capabilities().bundle, true,
                             user_data(Kind::receive, connection));
}

// ---- ending

void Wires::end(Connection& connection) {
  ASSERT(connection.over);
  if (connection.receiving || connection.sending || connection.connecting)
    uring::prep_cancel_fd(ring_.sqe(), connection.fd, uring::UserData{});
  close_if_quiet(connection);
}

// A descriptor number must not be used again while the kernel works with it.
void Wires::close_if_quiet(Connection& connection) {
  if (connection.fd < 0 || connection.receiving || connection.sending || connection.connecting)
    return;
  close(connection.fd);
  connection.fd = -1;
  --open_;
  events_.on_closed(connection);
}

}  // namespace ringgate::load
