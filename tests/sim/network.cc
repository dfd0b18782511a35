// The net, and the kernel under the server: connections that wait to be accepted, sockets whose
// descriptors are used again at once, receives and sends that complete in parts, late, or not as
// hoped, octets that are delayed, cut and lost with a reset.
#include "parts.h"

namespace ringgate::sim {
namespace {

constexpr std::size_t buffer_size = SocketTable::buffer_size;
// A bundle that is more than a light link's share now and then.
constexpr std::uint64_t buffers_at_once_max = 12;

}  // namespace

// ---- connections come

std::shared_ptr<World::Link> World::new_link(const std::string& address) {
  auto link = std::make_shared<Link>();
  link->number = next_connection_++;
  link->peer = address + std::to_string(link->number);
  return link;
}

/// The kernel shakes hands with it, and the server hears of it when it accepts.
void World::arrive(const std::shared_ptr<Link>& link) {
  at(now_ + delay(milliseconds(5)), [this, link] {
    if (link->over || link->reset) return;
    if (!booted_) return drop(link);
    link->established = true;
    backlog_.push_back(link);
    if (link->esme != nullptr) client_writes(*link->esme);
    carry_up(link);
    accept_some();
  });
}

/// Nobody listens, or nobody does any more.
void World::drop(const std::shared_ptr<Link>& link) {
  link->over = link->server_closed = true;
  link->sending = {};
  ledger_->on_connection_over(link->number, now_);
  if (link->esme != nullptr && !link->established) return client_lost(*link->esme);
  carry_down(link);
}

void World::accept_some() {
  if (!accepting_ || accept_due_ || backlog_.empty()) return;
  accept_due_ = true;
  input(0, now_, [this](Core& on) {
    accept_due_ = false;
    if (faulty_ && prng_.chance(0.02)) {
      accepting_ = false;
      return on.arrivals().on_accept(0, -EMFILE, false);
    }
    const auto link = backlog_.front();
    backlog_.pop_front();
    const int socket = open_socket(link);
    accepting_ = !faulty_ || !prng_.chance(0.1);
    on.arrivals().on_accept(0, socket, accepting_);
    accept_some();
  });
}

/// The lowest descriptor that is free, as the kernel does.
int World::open_socket(const std::shared_ptr<Link>& link) {
  std::size_t socket = 0;
  while (socket < sockets_.size() && sockets_[socket] != nullptr) ++socket;
  if (socket == sockets_.size()) sockets_.emplace_back();
  sockets_[socket] = link;
  link->socket = static_cast<int>(socket);
  return link->socket;
}

void World::close_socket(int socket) {
  const auto link = std::move(sockets_.at(static_cast<std::size_t>(socket)));
  if (link == nullptr) return ledger_->fault("a descriptor is closed that is not open");
  if (link->receive != Link::Receive::none || !link->sending.empty())
    return ledger_->fault("a socket is closed with something under way");
  trace_.note(now_, "closes: connection", link->number);
  link->over = link->server_closed = true;
  ledger_->on_connection_over(link->number, now_);
  // Who has not read everything when it closes takes back what the client has not read yet.
  if (!link->arrived.empty()) link->down.clear();
  carry_down(link);
}

void World::Node::accept(std::uint32_t) {
  if (world.accepting_) world.ledger_->fault("two accepts at a time");
  world.accepting_ = true;
  world.accept_some();
}

std::string World::Node::peer(int socket) {
  const Link& link = *world.sockets_[static_cast<std::size_t>(socket)];
  return link.reset ? "unknown" : link.peer;
}

// ---- the kernel's sockets

void World::Node::receive(int socket, LinkId link, bool streaming) {
  const auto one = world.sockets_.at(static_cast<std::size_t>(socket));
  if (one == nullptr) return world.ledger_->fault("a receive on what is closed");
  if (one->receive != Link::Receive::none) return world.ledger_->fault("two receives at a time");
  one->shard = index;
  one->id = link;
  one->receive = streaming ? Link::Receive::stream : Link::Receive::one;
  one->cancelled = false;
  world.receive_some(one);
}

void World::Node::cancel_receive(LinkId link) {
  for (const auto& one : world.sockets_)
    if (one != nullptr && one->shard == index && one->id == link &&
        one->receive != Link::Receive::none) {
      one->cancelled = true;
      world.receive_some(one);
    }
}

void World::Node::send(int socket, LinkId link, Octets octets) {
  const auto one = world.sockets_.at(static_cast<std::size_t>(socket));
  if (one == nullptr || one->id != link)
    return world.ledger_->fault("a send on what is another's or closed");
  if (!one->sending.empty()) return world.ledger_->fault("two sends at a time");
  one->sending = octets;
  world.send_some(one);
}

void World::Node::end_sending(int socket) {
  const auto one = world.sockets_.at(static_cast<std::size_t>(socket));
  one->server_closed = true;
  world.carry_down(one);
}

void World::Node::break_off(int socket, LinkId) {
  const auto one = world.sockets_.at(static_cast<std::size_t>(socket));
  one->broken_off = one->server_closed = true;
  world.receive_some(one);
  world.send_some(one);
  world.carry_down(one);
}

bool World::Node::has_unread(int socket) {
  const auto& one = world.sockets_.at(static_cast<std::size_t>(socket));
  return one != nullptr && (!one->arrived.empty() || one->receive_due);
}

/// A thread does that, some time, and tells of it.
void World::Node::shake(LinkId link, io::Channel& channel, std::string_view, bool) {
  if (!steps.insert(&channel).second) world.ledger_->fault("two steps of a handshake at a time");
  const Nanos when = world.now_ + static_cast<Nanos>(world.seal_prng_.below(milliseconds(20)));
  world.at(when, [this, link, &channel, &world = world, incarnation = world.incarnation_] {
    if (incarnation != world.incarnation_ || steps.erase(&channel) == 0) return;
    channel.shake();
    world.input(index, world.now_, [link](Core& on) { on.sockets().on_shaken(link); });
  });
}

/// Completes the receive if there is something to tell.
void World::receive_some(const std::shared_ptr<Link>& link) {
  if (link->receive == Link::Receive::none || link->receive_due || link->over) return;
  const bool ends = link->reset || link->fin_arrived || link->cancelled || link->broken_off;
  if (link->arrived.empty() && !ends) return;
  link->receive_due = true;
  input(link->shard, now_, [this, link](Core& on) {
    link->receive_due = false;
    complete_receive(on, link);
    receive_some(link);
  });
}

void World::complete_receive(Core& core, const std::shared_ptr<Link>& link) {
  SocketTable& sockets = core.sockets();
  const std::uint32_t slot = link->id.slot();
  const bool streams = link->receive == Link::Receive::stream;
  const auto ends = [&](int result) {
    link->receive = Link::Receive::none;
    sockets.on_received(slot, result, false);
  };
  if (sockets.at(slot) != link->id) return ledger_->fault("a completion finds another link");
  if (link->reset) return ends(-ECONNRESET);
  if (faulty_ && prng_.chance(0.02)) return ends(-ENOBUFS);
  if (link->cancelled && (link->arrived.empty() || prng_.chance(0.5))) return ends(-ECANCELED);
  if (link->arrived.empty()) return ends(0);
  const auto result = static_cast<int>(hand_over(core, *link));
  if (!streams || link->cancelled || (faulty_ && prng_.chance(0.05)))
    ends(result);
  else
    sockets.on_received(slot, result, true);
  carry_up(link);
}

/// Some of what has arrived, in buffers; gives their octets.
std::size_t World::hand_over(Core& core, Link& link) {
  const bool streams = link.receive == Link::Receive::stream;
  std::size_t total = 0;
  for (std::uint64_t left = streams ? 1 + prng_.below(buffers_at_once_max) : 1;
       left != 0 && !link.arrived.empty(); --left) {
    std::size_t count = std::min(link.arrived.size(), buffer_size);
    if (faulty_ && prng_.chance(0.3)) count = 1 + prng_.below(std::min<std::size_t>(count, 60));
    // In memory of its own, as long as the call.
    const std::string octets = link.arrived.substr(0, count);
    link.arrived.erase(0, count);
    link.received += count;
    total += count;
    for (; !link.marks.empty() && link.marks.front().position <= link.received;
         link.marks.pop_front())
      link.said = link.marks.front().said;
    if (link.enquire_behind != 0 && link.received >= link.enquire_behind) {
      link.enquire_behind = 0;
      if (link.asked_at == never) link.asked_at = now_;
    }
    core.sockets().on_octets(link.id.slot(), as_octets(octets));
    std::erase_if(link.final_answers, [&](const Link::FinalAnswer& one) {
      if (one.position > link.said) return false;
      ledger_->on_final_answer_arrived(one.attempt, now_);
      return true;
    });
  }
  return total;
}

/// The kernel takes what fits, or less.
void World::send_some(const std::shared_ptr<Link>& link) {
  if (link->sending.empty() || link->send_due || link->over) return;
  int result = -EPIPE;
  if (!link->reset && !link->broken_off) {
    const std::size_t room = Link::socket_size - std::min(Link::socket_size, link->down.size());
    std::size_t count = std::min(room, link->sending.size());
    if (count == 0) return;  // carry_down() comes back here.
    if (faulty_ && prng_.chance(0.2)) count = 1 + prng_.below(count);
    link->down.append(reinterpret_cast<const char*>(link->sending.data()), count);
    result = static_cast<int>(count);
  }
  link->send_due = true;
  input(link->shard, now_, [link, result](Core& on) {
    link->send_due = false;
    link->sending = {};
    on.sockets().on_sent(link->id.slot(), result);
  });
  carry_down(link);
}

// ---- the net

void World::carry_down(const std::shared_ptr<Link>& link) {
  if (link->down_moving) return;
  const bool end = link->server_closed && link->down.empty();
  if (link->down.empty() && !end) return;
  link->down_moving = true;
  at(now_ + (faulty_ ? delay(milliseconds(10)) : microseconds(100)), [this, link] {
    link->down_moving = false;
    if (link->mute && !link->reset) {
      link->down_moving = true;  // It never reads.
      return;
    }
    if (link->esme == nullptr) {
      if (link->hoards) hoard_reads(*link);
      link->down.clear();
      return send_some(link);
    }
    Esme& esme = *link->esme;
    if (esme.paused) {
      link->down_moving = true;  // client_misbehaves() wakes it up.
      return;
    }
    if (link->down.empty()) {
      if (link->server_closed) client_lost(esme);
      return;
    }
    std::size_t count = std::min<std::size_t>(link->down.size(), 8'192);
    if (faulty_ && prng_.chance(0.3)) count = 1 + prng_.below(std::min<std::size_t>(count, 60));
    const std::string octets = link->down.substr(0, count);
    link->down.erase(0, count);
    send_some(link);
    client_reads(esme, octets);
    carry_down(link);
  });
}

void World::carry_up(const std::shared_ptr<Link>& link) {
  if (link->up_moving || link->over || !link->established) return;
  const bool end = link->fin && !link->fin_arrived;
  if (link->up.empty() ? !end : link->arrived.size() >= Link::socket_size) return;
  link->up_moving = true;
  at(now_ + (faulty_ ? delay(milliseconds(10)) : microseconds(100)), [this, link] {
    link->up_moving = false;
    if (link->over || link->reset) return;
    const std::size_t count = std::min(link->up.size(), Link::socket_size);
    link->arrived.append(link->up, 0, count);
    link->up.erase(0, count);
    link->fin_arrived = link->fin && link->up.empty();
    receive_some(link);
    if (link->esme != nullptr) client_writes(*link->esme);
    carry_up(link);
  });
}

/// The client ends its connection: orderly, or with everything under way lost.
void World::client_closes(const std::shared_ptr<Link>& link, bool reset) {
  link->esme = nullptr;
  link->fin = true;
  if (reset) {
    link->reset = true;
    link->up.clear();
    link->arrived.clear();
    link->down.clear();
    receive_some(link);
  }
  carry_up(link);
  send_some(link);
  carry_down(link);
}

}  // namespace ringgate::sim
