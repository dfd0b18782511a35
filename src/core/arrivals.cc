#include "core/arrivals.h"

#include <cerrno>

#include "base/assert.h"
#include "base/log_line.h"
#include "core/socket_table.h"
#include "policy/listener_terms.h"
#include "policy/peer_address.h"
#include "shard/mail.h"
#include "shard/shard.h"

namespace ringgate {
namespace {

static_assert(Arrivals::mail_adopt >= static_cast<std::uint8_t>(MailKind::core_first));

// A beginning costs system calls: so many a turn; and so many may wait, as in the kernel's own
// queue.
constexpr unsigned begun_per_turn_max = 32;
constexpr unsigned begun_behind_ends_max = 8;  // fewer than end in a turn
constexpr std::size_t met_per_turn_max = 64;
constexpr std::size_t waiting_max = 4096;
constexpr std::size_t accepted_max = 1024;  // in the order in which they came, whoever they are
// After running out of descriptors. The kernel's own line holds some thousand, of whom many have
// given up: what a client waits there is as many pauses as the descriptors that are free go into
// it.
constexpr Nanos accept_pause = milliseconds(10);

bool is_exhausted(int result) {
  return result == -EMFILE || result == -ENFILE || result == -ENOMEM || result == -ENOBUFS;
}

}  // namespace

Arrivals::Arrivals(const ShardOptions& options, io::Sockets& kernel, io::Channels* channels,
                   const ShardWorld& world, Shard& shard, SocketTable& sockets)
    : self_(options.index),
      kernel_(kernel),
      channels_(channels),
      mesh_(world.mesh),
      log_(world.log),
      gaps_(options.seed),
      shard_(shard),
      sockets_(sockets),
      lobby_(kernel),
      waiting_(waiting_max) {}

void Arrivals::see(std::vector<CoreSeen> cores, std::uint64_t connections_max) {
  cores_ = std::move(cores);
  connections_max_ = connections_max;
  placement_ = Placement(cores_.size());
  loads_.resize(cores_.size());
  placed_.resize(cores_.size());
}

void Arrivals::listen(std::uint32_t listeners) {
  ASSERT(listeners >= accepting_.size());
  accepting_.resize(listeners);
  stopped_.resize(listeners);
  accept();
}

void Arrivals::stop_listening(std::uint32_t listener) {
  ASSERT(listener < stopped_.size());
  stopped_[listener] = true;
}

void Arrivals::accept() {
  accept_again_ = never;
  for (std::uint32_t i = 0; i < accepting_.size(); ++i) {
    if (accepting_[i] || stopped_[i]) continue;
    accepting_[i] = true;
    kernel_.accept(i);
  }
}

void Arrivals::on_accept(std::uint32_t listener, int result, bool more) {
  ASSERT(accepting_[listener]);
  if (result >= 0) accepted_.push_back({result, listener});
  if (more) return;
  accepting_[listener] = false;
  if (doors_closed_ || stopped_[listener]) return;
  // Out of descriptors or memory: what is open goes on, and new ones wait in the backlog for a
  // while.
  accept_again_ = is_exhausted(result) ? now_ + accept_pause : now_;
}

/// As many as a turn has time for, and whoever else makes more of them than may wait.
void Arrivals::meet_some() {
  const std::size_t rest_max = accepted_.size() - std::min(accepted_.size(), met_per_turn_max);
  while (accepted_.size() > std::min(rest_max, accepted_max)) {
    const Accepted one = accepted_.front();
    accepted_.pop_front();
    meet(one);
  }
}

void Arrivals::meet(const Accepted& accepted) {
  Arrival one{.socket = accepted.socket,
              .peer = kernel_.peer(accepted.socket),
              .listener = static_cast<std::uint16_t>(accepted.listener),
              .terms = kernel_.terms(accepted.listener)};
  if (one.terms == nullptr || !one.terms->is_proxy(one.peer))
    welcome(std::move(one));
  else if (!lobby_.enter(one, now_))
    refuse_proxy(one, "too many connections have not said for whom they come");
}

void Arrivals::on_read(std::uint32_t place, int result) {
  std::string_view fault;
  auto one = lobby_.on_read(place, result, fault);
  if (!one) return;
  if (fault.empty())
    welcome(std::move(*one));
  else
    refuse_proxy(*one, fault);
}

void Arrivals::refuse_proxy(const Arrival& one, std::string_view why) {
  proxy_failed_.add();
  tell("connection of a load balancer closed", one, why);
  kernel_.close(one.socket);
}

/// Whoever floods that is told of once in a while.
void Arrivals::tell(std::string_view what, const Arrival& one, std::string_view why) {
  if (log_ == nullptr || !gaps_.admit(address_of(one.peer), now_)) return;
  LogLine line(what);
  line.field("peer", one.peer).field("listener", std::uint64_t{one.listener}).field("why", why);
  log_->write(LogLevel::warning, line.view());
}

/// Its peer is its client from now on.
void Arrivals::welcome(Arrival one) {
  if (one.terms != nullptr && !one.terms->networks.contain(one.peer)) {
    unwelcome_.add();
    tell("connection closed", one, "not from a network of the listener");
    return kernel_.close(one.socket);
  }
  wait_in_line(std::move(one));
}

void Arrivals::on_outbind(int socket, std::unique_ptr<OutbindOptions> outbind) {
  place({.socket = socket, .peer = kernel_.peer(socket), .outbind = std::move(outbind)});
}

void Arrivals::on_mail(const io::Mail& mail) {
  ASSERT(mail.kind == mail_adopt);
  wait_in_line(std::move(*take_parcel<Arrival>(mail)));
}

void Arrivals::discard(const io::Mail& mail, io::Sockets& kernel) {
  ASSERT(mail.kind == mail_adopt);
  kernel.close(take_parcel<Arrival>(mail)->socket);
}

void Arrivals::wait_in_line(Arrival one) {
  const std::string address = address_of(one.peer);
  const auto gone = waiting_.push(std::move(one), address);
  if (!gone) return;
  // The acceptor counts it among ours until we say that it has gone.
  if (gone->placed) closed_placed_.add();
  close_unplaced(gone->socket);
}

void Arrivals::give_places(bool ends_wait) {
  meet_some();
  const unsigned begun_max = ends_wait ? begun_behind_ends_max : begun_per_turn_max;
  for (unsigned i = 0; i < begun_max && !waiting_.empty(); ++i) {
    if (ends_wait && !doors_closed_ && is_full()) break;
    Arrival one = *waiting_.pop();
    if (one.placed)
      adopt(std::move(one));
    else
      place(std::move(one));
  }
  if (accept_again_ <= now_) accept();
  lobby_.expire(now_);
}

/// How the cores stand now; true when the node as a whole is full.
bool Arrivals::look_at_loads() {
  std::uint64_t open = 0;
  for (std::size_t i = 0; i < cores_.size(); ++i) {
    const ShardCounters& counters = *cores_[i].counters;
    // Connections that were placed but not adopted yet are in loads_ only, so it keeps its own
    // count of arrivals.
    loads_[i].pdus = counters.pdus_in.get();
    const std::uint64_t gone = counters.connections.get() - counters.connections_open.get() +
                               counters.connections_refused.get() + cores_[i].closed_placed->get();
    loads_[i].connections = placed_[i] - gone;
    open += loads_[i].connections;
  }
  const bool make_room = open >= connections_max_;
  for (std::size_t i = 0; i < cores_.size(); ++i) {
    // A full core takes one more only where a stranger gives way to it.
    const bool full = make_room || loads_[i].connections >= cores_[i].places;
    loads_[i].full = full && cores_[i].counters->strangers.get() == 0;
  }
  placement_.sample(now_, loads_);
  return make_room;
}

/// Only the acceptor knows: whom it has placed here has his place.
bool Arrivals::is_full() {
  if (cores_.empty()) return false;
  look_at_loads();
  return !placement_.choose(loads_);
}

void Arrivals::place(Arrival one) {
  one.make_room = look_at_loads();
  const auto chosen = placement_.choose(loads_);
  if (!chosen || doors_closed_) return close_unplaced(one.socket);
  ++placed_[*chosen];
  if (*chosen == self_) return adopt(std::move(one));
  one.placed = true;
  io::Mail mail;
  mail.kind = mail_adopt;
  mail.pointer = reinterpret_cast<std::uint64_t>(new Arrival(std::move(one)));
  mesh_.post(static_cast<unsigned>(*chosen), mail);
}

void Arrivals::adopt(Arrival one) {
  kernel_.tune(one.socket);
  auto channel =
      channels_ == nullptr || one.outbind != nullptr ? nullptr : channels_->make(one.listener);
  std::string address = channel == nullptr ? std::string() : address_of(one.peer);
  const LinkId link =
      one.outbind == nullptr
          ? shard_.on_link(std::move(one.peer), one.make_room, one.listener, one.terms)
          : shard_.on_outbind(std::move(one.peer), one.outbind->system_id, one.outbind->password);
  if (link == LinkId{}) return kernel_.close(one.socket);
  if (channel != nullptr) shard_.expect_security(link);
  sockets_.open(one.socket, link, std::move(channel), std::move(address));
}

void Arrivals::close_unplaced(int socket) {
  closed_unplaced_.add();
  kernel_.close(socket);
}

void Arrivals::close_all() {
  for (const Accepted& one : accepted_) kernel_.close(one.socket);
  accepted_.clear();
  while (const auto one = waiting_.pop()) kernel_.close(one->socket);
}

}  // namespace ringgate
