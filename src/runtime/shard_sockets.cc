// A core's sockets and the kernel, through the core's own ring.
#include <sys/socket.h>
#include <unistd.h>

#include "runtime/shard_thread.h"
#include "uring/socket.h"

namespace ringgate::runtime {
namespace {

uring::UserData user_data(std::uint8_t kind, LinkId link) {
  return {kind, static_cast<std::uint32_t>(link.serial()), link.slot()};
}

constexpr uring::UserData nobody_waits{op_ignore, 0, 0};

}  // namespace

/// The link that a completion is for, and certainly so: the table keeps a socket until its last
/// one.
LinkId ShardThread::link_of(uring::UserData data) const {
  const LinkId link = core_->sockets().at(data.index);
  ASSERT(user_data(data.kind, link).pack() == data.pack());
  return link;
}

void ShardThread::on_receive(const io_uring_cqe& completion, uring::UserData data) {
  ASSERT(link_of(data) != LinkId{});
  SocketTable& sockets = core_->sockets();
  buffers_->for_each_buffer(completion, [&](std::uint16_t buffer, Octets octets) {
    sockets.on_octets(data.index, octets);
    buffers_->give_back(buffer);
  });
  sockets.on_received(data.index, completion.res, (completion.flags & IORING_CQE_F_MORE) != 0);
}

void ShardThread::accept(std::uint32_t listener) {
  uring::prep_accept_multishot(ring_->sqe(), fleet_.listeners.descriptor(listener),
                               uring::UserData{op_accept, 0, listener});
}

const ListenerTerms* ShardThread::terms(std::uint32_t listener) {
  return fleet_.listeners.terms(listener);
}

void ShardThread::read_whole(int socket, std::uint32_t place, std::span<std::uint8_t> to) {
  uring::prep_recv_whole(ring_->sqe(), socket, to, uring::UserData{op_read_whole, 0, place});
}

void ShardThread::hang_up(int socket) { shutdown(socket, SHUT_RDWR); }

std::string ShardThread::peer(int socket) { return uring::peer_text(socket); }

void ShardThread::tune(int socket) { uring::tune_accepted(socket); }

void ShardThread::receive(int socket, LinkId link, bool streaming) {
  const uring::UserData data = user_data(op_receive, link);
  if (streaming)
    uring::prep_recv_multishot(ring_->sqe(), socket, buffer_group, fleet_.capabilities.bundle,
                               false, data);
  else
    uring::prep_recv_one(ring_->sqe(), socket, buffer_group, data);
}

void ShardThread::cancel_receive(LinkId link) {
  uring::prep_cancel(ring_->sqe(), user_data(op_receive, link), nobody_waits);
}

void ShardThread::send(int socket, LinkId link, Octets octets) {
  uring::prep_send(ring_->sqe(), socket, octets, user_data(op_send, link));
}

void ShardThread::end_sending(int socket) { shutdown(socket, SHUT_WR); }

/// By name: to cancel by descriptor, the kernel looks at every operation of the ring, which is one
/// for each connection.
void ShardThread::break_off(int socket, LinkId link) {
  shutdown(socket, SHUT_RDWR);
  uring::prep_cancel(ring_->sqe(), user_data(op_receive, link), nobody_waits);
  uring::prep_cancel(ring_->sqe(), user_data(op_send, link), nobody_waits);
}

void ShardThread::close(int socket) { ::close(socket); }

bool ShardThread::has_unread(int socket) {
  return ring_->ready() != 0 || uring::has_unread(socket);
}

}  // namespace ringgate::runtime
