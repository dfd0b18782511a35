#include "runtime/shard_thread.h"

#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "policy/peer_address.h"
#include "runtime/cpus.h"
#include "uring/socket.h"

namespace ringgate::runtime {
namespace {

constexpr auto mail_adopt = static_cast<std::uint8_t>(MailKind::runtime_first);

constexpr unsigned sq_entries = 4096;
// Each connection can complete a receive and a send per turn, multishot receives more than one; an
// overflow is survived but slow.
constexpr unsigned cq_entries = 65'536;
constexpr std::uint16_t buffer_group = 0;
constexpr std::uint32_t buffer_count = 64;
constexpr std::uint32_t buffer_size = 16 * 1024;
constexpr std::uint32_t mail_per_turn_max = 512;
// Ends of connections cost system calls and log lines: more than so many wait for the next turn.
constexpr unsigned costly_per_turn_max = 64;
// So do beginnings; and so many may wait, as in the kernel's own queue.
constexpr unsigned placed_per_turn_max = 32;
constexpr std::size_t accepted_max = 4096;
// A connection that fills more buffers than this in a turn gets one at a time from then on.
constexpr std::uint32_t light_buffers_max = 8;
// Of those, so many are armed per turn: together they cannot take all buffers.
constexpr unsigned heavy_per_turn_max = 16;
static_assert(heavy_per_turn_max + light_buffers_max < buffer_count);
constexpr Nanos accept_pause = milliseconds(100);  // after running out of descriptors
// After our last octets a peer gets this long to read them and close; a close at once could reset
// them away.
constexpr Nanos linger_time = seconds(1);
constexpr Nanos stop_time_max = seconds(3);
// What is still on its way to the disk when everything else has ended.
constexpr Nanos settle_time_max = seconds(5);

}  // namespace

Now read_clocks() {
  timespec mono, wall;
  clock_gettime(CLOCK_MONOTONIC, &mono);
  clock_gettime(CLOCK_REALTIME_COARSE, &wall);
  return {seconds(mono.tv_sec) + mono.tv_nsec, wall.tv_sec};
}

ShardThread::ShardThread(Fleet& fleet, const ShardOptions& options, unsigned cpu,
                         const Directory& directory, Backend& backend, Log* log)
    : fleet_(fleet),
      options_(options),
      cpu_(cpu),
      directory_(directory),
      backend_(backend),
      log_(log),
      event_fd_(eventfd(0, EFD_CLOEXEC)),
      inbox_(std::make_shared<Inbox>(fleet.queues.flag(options.index), event_fd_)),
      mesh_(fleet.queues, options.index),
      placement_(options.count),
      loads_(options.count),
      placed_(options.count),
      sockets_(options.budget.connections),
      accepted_(accepted_max) {}

ShardThread::~ShardThread() {
  join();
  inbox_->close();
  for (Socket& socket : sockets_)
    if (socket.fd >= 0) close(socket.fd);
  while (const auto one = accepted_.pop()) close(one->fd);
  if (event_fd_ >= 0) close(event_fd_);
}

std::future<std::string> ShardThread::start() {
  std::promise<std::string> ready;
  std::future<std::string> out = ready.get_future();
  thread_ = std::thread([this, promise = std::move(ready)]() mutable {
    on_shard_thread = true;
    run(promise);
    // However it has ended: others that wait for room, shards among them, would wait for ever.
    inbox_->close();
  });
  return out;
}

void ShardThread::join() {
  if (thread_.joinable()) thread_.join();
}

std::string ShardThread::set_up() {
  pin_thread(cpu_);
  if (event_fd_ < 0) return std::string("eventfd: ") + std::strerror(errno);
  auto ring = uring::Ring::make(fleet_.capabilities, sq_entries, cq_entries);
  if (!ring) return ring.error().text;
  ring_ = std::move(ring.value());
  auto buffers = uring::BufferRing::make(*ring_, buffer_group, buffer_count, buffer_size);
  if (!buffers) return buffers.error().text;
  buffers_ = std::move(buffers.value());
  now_ = read_clocks();
  shard_ =
      std::make_unique<Shard>(options_, directory_, backend_,
                              ShardWorld{*this, mesh_, *this, log_, fleet_.numbers, this}, now_);
  return fleet_.store == nullptr ? std::string() : restore();
}

void ShardThread::run(std::promise<std::string>& ready) {
  const std::string complaint = set_up();
  std::future<bool> start = go_.get_future();
  ready.set_value(complaint);
  if (!complaint.empty()) return;
  if (!start.get()) return;
  arm_wake();
  if (options_.index == 0) arm_accepts();
  while (stop_until_ == never || (shard_->has_connections() && now_.mono < stop_until_)) turn();
  // What clients were told is safe already; what their last words have changed is still on its way.
  const Nanos settle_until = now_.mono + settle_time_max;
  const auto unsettled = [this] {
    return disk_operations_ != 0 || (!abandoned_ && !shard_->settled());
  };
  while (unsettled() && now_.mono < settle_until) turn();
}

bool ShardThread::drained() const {
  return shard_->counters().binds_open.get() == 0 && shard_->settled();
}

/// Sessions are unbound one by one as they come to rest; here is what ends the whole.
void ShardThread::end_when_drained() {
  if (!drained() && now_.mono < drain_until_) return;
  drain_until_ = never;
  stop_until_ = now_.mono + stop_time_max;
  shard_->start_shutdown();
}

// ---- a turn

void ShardThread::turn() {
  now_ = read_clocks();
  shard_->begin_turn(now_);
  ++turn_;
  costly_ = 0;
  ring_->drain([this](const io_uring_cqe& completion) { return on_completion(completion); });
  mesh_.drain(mail_per_turn_max, [this](const io::Mail& mail) { on_mail(mail); });
  if (!inbox_->empty()) on_inbox();
  place_accepted();
  if (accept_again_ <= now_.mono) arm_accepts();
  if (!lingering_.empty()) end_lingering();
  if (drain_until_ != never) end_when_drained();
  shard_->end_turn();
  if (shard_->journal_failure() != 0 && !failure_told_) tell_failure();
  for (const LinkId link : released_) shard_->on_released(link);
  released_.clear();
  buffers_->publish();
  arm_receives();
  mesh_.publish([this](unsigned shard) { ring_doorbell(shard); });
  ring_->enter(wait_time());
  fleet_.queues.flag(options_.index).clear();
  runtime_counters_.enters.set(ring_->counters().enters);
}

/// How long to sleep; announces the sleep to the other shards.
Nanos ShardThread::wait_time() {
  if (ring_->ready() != 0 || mesh_.has_spill() || !rearm_heavy_.empty() || !accepted_.empty())
    return 0;
  if (stop_until_ != never && !shard_->has_connections() && disk_operations_ == 0) return 0;
  if (drain_until_ != never && drained()) return 0;
  Nanos until = std::min(shard_->deadline(), accept_again_);
  if (!lingering_.empty()) until = std::min(until, lingering_.front().until);
  until = std::min({until, drain_until_,
                    stop_until_ == never || now_.mono < stop_until_ ? stop_until_
                                                                    : now_.mono + settle_time_max});
  if (until <= now_.mono) return 0;
  fleet_.queues.flag(options_.index).set();
  if (mesh_.has_mail() || !inbox_->empty()) return 0;
  return until == never ? never : until - now_.mono;
}

/// False when the rest has to wait for the next turn.
bool ShardThread::on_completion(const io_uring_cqe& completion) {
  const auto data = uring::UserData::unpack(completion.user_data);
  switch (data.kind) {
    case op_receive:
      on_receive(completion, data);
      break;
    case op_send:
      on_send(completion, data);
      break;
    case op_accept:
      on_accept(completion, data.index);
      break;
    case op_disk:
      --disk_operations_;
      shard_->on_disk(data.index, completion.res);
      break;
    case op_wake:
      arm_wake();
      break;
    case op_doorbell:  // The mail itself is found in the queues.
    case op_ignore:
      break;
    default:
      UNREACHABLE();
  }
  return costly_ < costly_per_turn_max;
}

void ShardThread::on_mail(const io::Mail& mail) {
  if (mail.kind == mail_adopt)
    queue_accepted(
        {static_cast<int>(mail.link), {}, true, mail.code != 0, take_parcel<OutbindOptions>(mail)});
  else
    shard_->on_mail(mail);
}

void ShardThread::on_inbox() {
  inbox_->take(inbox_items_);
  for (InboxItem& item : inbox_items_) std::visit([this](auto& inner) { on_item(inner); }, item);
  inbox_items_.clear();
}

void ShardThread::on_item(AnswerItem& item) { shard_->answer(item.ticket, item.status); }
void ShardThread::on_item(ReportItem& item) { shard_->report(item.ticket, item.outcome); }
void ShardThread::on_item(OperationAnswerItem& item) {
  shard_->answer(item.parcel->ticket, item.parcel->answer);
}
void ShardThread::on_item(DeliverItem& item) { shard_->take_mo(std::move(item.parcel)); }
void ShardThread::on_item(AlertItem& item) { shard_->take_alert(std::move(item.parcel)); }
void ShardThread::on_item(OutbindItem& item) {
  place(item.fd, uring::peer_text(item.fd), std::move(item.outbind));
}
void ShardThread::on_item(PasswordItem& item) {
  shard_->on_password(item.link, item.question, item.verdict);
}
void ShardThread::on_item(StopItem& item) {
  if (item.how == Ending::abandon) {
    abandoned_ = true;
    stop_until_ = now_.mono;
  }
  if (stop_until_ != never) return;
  if (drain_until_ == never) shard_->start_drain();
  drain_until_ = item.how == Ending::hurry
                     ? now_.mono
                     : std::min(drain_until_, now_.mono + options_.drain_time);
}

void ShardThread::discard_rest() {
  inbox_->close();
  const auto drop = [](const io::Mail& mail) {
    if (mail.kind == mail_adopt) {
      close(static_cast<int>(mail.link));
      take_parcel<OutbindOptions>(mail);
    } else {
      discard(mail);
    }
  };
  mesh_.drain(~0u, drop);
  mesh_.drain_spill(drop);
  inbox_->take(inbox_items_);
  for (InboxItem& item : inbox_items_) {
    if (const auto* outbind = std::get_if<OutbindItem>(&item)) close(outbind->fd);
    if (const auto* file = std::get_if<FileItem>(&item); file != nullptr && file->fd >= 0)
      close(file->fd);
  }
  inbox_items_.clear();
}

void ShardThread::arm_wake() {
  if (stop_until_ != never && !shard_->has_connections()) return;
  uring::prep_read(ring_->sqe(), event_fd_,
                   {reinterpret_cast<std::uint8_t*>(&event_value_), sizeof event_value_},
                   uring::UserData{op_wake, 0, 0});
}

void ShardThread::ring_doorbell(unsigned shard) {
  runtime_counters_.doorbells.add();
  ShardThread& target = *fleet_.shards[shard];
  if (fleet_.capabilities.msg_ring) {
    uring::prep_msg_ring(ring_->sqe(), target.ring_->fd(), uring::UserData{op_ignore, 0, 0},
                         uring::UserData{op_doorbell, 0, 0});
  } else {
    eventfd_write(target.event_fd_, 1);
  }
}

// ---- connections

void ShardThread::arm_accepts() {
  accept_again_ = never;
  accepting_.resize(fleet_.listeners.size());
  for (std::uint32_t i = 0; i < fleet_.listeners.size(); ++i) {
    if (accepting_[i]) continue;
    uring::prep_accept_multishot(ring_->sqe(), fleet_.listeners[i],
                                 uring::UserData{op_accept, 0, i});
    accepting_[i] = true;
  }
}

void ShardThread::on_accept(const io_uring_cqe& completion, std::uint32_t listener) {
  if (completion.res >= 0) queue_accepted({completion.res, {}});
  if ((completion.flags & IORING_CQE_F_MORE) != 0) return;
  accepting_[listener] = false;
  if (stop_until_ != never) return;
  const bool exhausted = completion.res == -EMFILE || completion.res == -ENFILE ||
                         completion.res == -ENOMEM || completion.res == -ENOBUFS;
  // Out of descriptors or memory: what is open goes on, and new ones wait in the backlog for a
  // while.
  accept_again_ = exhausted ? now_.mono + accept_pause : now_.mono;
}

void ShardThread::close_unplaced(int fd) {
  runtime_counters_.closed_unplaced.add();
  close(fd);
}

void ShardThread::queue_accepted(Accepted one) {
  one.peer = uring::peer_text(one.fd);
  const std::string address = address_of(one.peer);
  const auto gone = accepted_.push(std::move(one), address);
  if (!gone) return;
  // The acceptor counts it among ours until we say that it has gone.
  if (gone->placed) runtime_counters_.closed_placed.add();
  close_unplaced(gone->fd);
}

void ShardThread::place_accepted() {
  for (unsigned i = 0; i < placed_per_turn_max && !accepted_.empty(); ++i) {
    auto one = accepted_.pop();
    if (one->placed)
      adopt(one->fd, std::move(one->peer), one->make_room, std::move(one->outbind));
    else
      place(one->fd, std::move(one->peer), std::move(one->outbind));
  }
}

void ShardThread::place(int fd, std::string peer, std::unique_ptr<OutbindOptions> outbind) {
  std::uint64_t open = 0;
  for (std::size_t i = 0; i < fleet_.shards.size(); ++i) {
    const ShardCounters& counters = fleet_.shards[i]->counters();
    // Connections that were placed but not adopted yet are in loads_ only, so it keeps its own
    // count of arrivals.
    loads_[i].pdus = counters.pdus_in.get();
    const std::uint64_t gone = counters.connections.get() - counters.connections_open.get() +
                               counters.connections_refused.get() +
                               fleet_.shards[i]->runtime_counters().closed_placed.get();
    loads_[i].connections = placed_[i] - gone;
    open += loads_[i].connections;
  }
  const bool make_room = open >= fleet_.connections_max;
  for (std::size_t i = 0; i < fleet_.shards.size(); ++i) {
    // A full shard takes one more only where a stranger gives way to it.
    const bool full = make_room || loads_[i].connections >= fleet_.shards[i]->places();
    loads_[i].full = full && fleet_.shards[i]->counters().strangers.get() == 0;
  }
  placement_.sample(now_.mono, loads_);
  const auto chosen = placement_.choose(loads_);
  if (!chosen || stop_until_ != never) return close_unplaced(fd);
  const auto shard = static_cast<unsigned>(*chosen);
  ++placed_[shard];
  if (shard == options_.index)
    adopt(fd, std::move(peer), make_room, std::move(outbind));
  else
    mesh_.post(shard, {mail_adopt, static_cast<std::uint8_t>(make_room), 0, 0,
                       static_cast<std::uint64_t>(fd),
                       reinterpret_cast<std::uint64_t>(outbind.release())});
}

void ShardThread::adopt(int fd, std::string peer, bool make_room,
                        std::unique_ptr<OutbindOptions> outbind) {
  uring::tune_accepted(fd);
  const LinkId link =
      outbind == nullptr
          ? shard_->on_link(std::move(peer), make_room)
          : shard_->on_outbind(std::move(peer), {outbind->system_id, outbind->password});
  if (link == LinkId{}) {
    close(fd);
    return;
  }
  Socket& socket = sockets_[link.slot()];
  ASSERT(socket.fd < 0);
  socket = {};
  socket.fd = fd;
  socket.link = link;
  socket.wanted = true;
  arm_receive(socket);
}

uring::UserData ShardThread::user_data(std::uint8_t kind, LinkId link) const {
  return {kind, static_cast<std::uint32_t>(link.serial()), link.slot()};
}

ShardThread::Socket* ShardThread::find(uring::UserData data) {
  Socket& socket = sockets_[data.index];
  return socket.fd >= 0 && user_data(data.kind, socket.link).pack() == data.pack() ? &socket
                                                                                   : nullptr;
}

void ShardThread::arm_receive(Socket& socket) {
  const uring::UserData data = user_data(op_receive, socket.link);
  if (socket.streaming && !socket.heavy)
    uring::prep_recv_multishot(ring_->sqe(), socket.fd, buffer_group, fleet_.capabilities.bundle,
                               false, data);
  else
    uring::prep_recv_one(ring_->sqe(), socket.fd, buffer_group, data);
  socket.receiving = true;
}

/// Not at once: buffers must have been given back, and the order is arm_receives()'s.
void ShardThread::arm_later(Socket& socket) {
  if (socket.queued) return;
  socket.queued = true;
  if (socket.heavy)
    rearm_heavy_.push_back(socket.link);
  else
    rearm_.push_back(socket.link);
}

void ShardThread::arm_receives() {
  const auto arm = [this](LinkId link) {
    Socket& socket = sockets_[link.slot()];
    if (socket.link != link) return;
    socket.queued = false;
    if (socket.wanted && !socket.receiving && !socket.hung_up) arm_receive(socket);
  };
  for (const LinkId link : rearm_) arm(link);
  rearm_.clear();
  for (unsigned i = 0; i < heavy_per_turn_max && !rearm_heavy_.empty(); ++i) {
    arm(rearm_heavy_.front());
    rearm_heavy_.pop_front();
  }
}

bool ShardThread::has_unread(LinkId link) {
  const Socket& socket = sockets_[link.slot()];
  if (socket.link != link || socket.fd < 0) return false;
  return ring_->ready() != 0 || uring::has_unread(socket.fd);
}

void ShardThread::on_receive(const io_uring_cqe& completion, uring::UserData data) {
  Socket* const socket = find(data);
  ASSERT(socket != nullptr);  // A socket is kept until its last completion.
  if (socket->turn != turn_) {
    socket->turn = turn_;
    socket->buffers = 0;
  }
  buffers_->for_each_buffer(completion, [&](std::uint16_t bid, Octets octets) {
    ++socket->buffers;
    // What comes while we wait for the peer to close is read only to be thrown away.
    if (!socket->closing && !octets.empty()) shard_->on_bytes(socket->link, octets);
    buffers_->give_back(bid);
  });
  if ((completion.flags & IORING_CQE_F_MORE) == 0) socket->receiving = false;
  const int result = completion.res;
  if (result > 0 || result == -ENOBUFS || result == -ECANCELED) {
    if (socket->buffers > light_buffers_max && !socket->heavy) {
      socket->heavy = true;
      if (socket->receiving)
        uring::prep_cancel(ring_->sqe(), user_data(op_receive, socket->link),
                           uring::UserData{op_ignore, 0, 0});
    } else if (result > 0 && result < static_cast<int>(buffer_size) && !socket->receiving) {
      socket->heavy = false;  // It has nothing more for now.
    }
    if (!socket->receiving && socket->wanted) {
      runtime_counters_.recv_rearmed.add();
      arm_later(*socket);
    }
  } else {
    ++costly_;
    socket->hung_up = true;
    socket->receiving = false;
    if (!socket->closing) shard_->on_hangup(socket->link, result < 0);
  }
  if (socket->closing) release_if_quiet(*socket);
}

void ShardThread::on_send(const io_uring_cqe& completion, uring::UserData data) {
  Socket* const socket = find(data);
  ASSERT(socket != nullptr);
  socket->sending = false;
  if (socket->closing) return release_if_quiet(*socket);
  if (completion.res >= 0)
    shard_->on_sent(socket->link, static_cast<std::size_t>(completion.res));
  else
    shard_->on_hangup(socket->link, true);
}

void ShardThread::apply(std::span<const io::LinkCommand> commands) {
  for (const io::LinkCommand& command : commands) {
    Socket& socket = sockets_[command.link.slot()];
    ASSERT(socket.link == command.link && socket.fd >= 0);
    switch (command.kind) {
      case io::LinkCommand::Kind::send:
        uring::prep_send(ring_->sqe(), socket.fd, command.octets, user_data(op_send, socket.link));
        socket.sending = true;
        break;
      case io::LinkCommand::Kind::pause:
        socket.wanted = false;
        // When it is read again, then behind those who have not had to stop.
        socket.heavy = socket.streaming;
        if (socket.receiving)
          uring::prep_cancel(ring_->sqe(), user_data(op_receive, socket.link),
                             uring::UserData{op_ignore, 0, 0});
        break;
      case io::LinkCommand::Kind::resume:
        socket.wanted = true;
        if (!socket.receiving) arm_later(socket);
        break;
      case io::LinkCommand::Kind::stream:
        socket.streaming = true;
        break;
      case io::LinkCommand::Kind::abort:
        close_link(socket, true);
        break;
      case io::LinkCommand::Kind::close:
        close_link(socket, socket.sending || socket.hung_up);
        break;
    }
  }
}

/// Sends FIN and lets the peer read and close; `at_once` when there is nothing to wait for or the
/// peer does not read.
void ShardThread::close_link(Socket& socket, bool at_once) {
  socket.closing = true;
  socket.wanted = !at_once;
  if (!at_once) {
    shutdown(socket.fd, SHUT_WR);
    lingering_.push_back({socket.link, now_.mono + linger_time});
    if (!socket.receiving) arm_later(socket);
    return;
  }
  if (socket.receiving || socket.sending) {
    shutdown(socket.fd, SHUT_RDWR);
    uring::prep_cancel_fd(ring_->sqe(), socket.fd, uring::UserData{op_ignore, 0, 0});
  }
  release_if_quiet(socket);
}

void ShardThread::release_if_quiet(Socket& socket) {
  if (socket.receiving || socket.sending || (socket.wanted && !socket.hung_up)) return;
  close(socket.fd);
  released_.push_back(socket.link);
  socket = {};
}

void ShardThread::end_lingering() {
  while (!lingering_.empty() && lingering_.front().until <= now_.mono) {
    Socket& socket = sockets_[lingering_.front().link.slot()];
    if (socket.fd >= 0 && socket.link == lingering_.front().link) close_link(socket, true);
    lingering_.pop_front();
  }
}

io::PasswordReply ShardThread::compare(const io::PasswordQuestion& question) {
  return fleet_.passwords.compare(
      question,
      [this, link = question.link, number = question.question](io::PasswordVerdict verdict) {
        inbox_->post(PasswordItem{link, number, verdict});
      });
}

}  // namespace ringgate::runtime
