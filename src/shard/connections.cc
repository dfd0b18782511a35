#include "shard/connections.h"

#include <algorithm>

#include "base/rarely.h"

namespace ringgate {
namespace {

// How long a peer may leave our octets unread.
constexpr Nanos write_stall = seconds(30);
// After a pause of this process everything is overdue, peers that have answered among the rest:
// what has arrived gets this long to be read before a timer speaks.
constexpr Nanos unread_grace = seconds(1);
constexpr Nanos unread_look = milliseconds(20);
// While there are places, nobody gives way who has been heard of within this time.
constexpr Nanos stranger_age_min = seconds(1);
// So many strangers are asked whether they are as silent as they seem, before one gives way.
constexpr unsigned strangers_looked_at = 16;
// Reading goes on when what is held has shrunk to one part in so many. Not only when nothing is: a
// request may wait for long, and responses are coming.
constexpr std::uint64_t resumed_at = 4;

}  // namespace

// ---- their places

Connection* Connections::open(std::string peer, bool make_room, std::uint32_t listener) {
  if (house_.emergency.is(Measure::refuse_connections)) {
    house_.counters.emergency_connections.add();
    house_.counters.connections_refused.add();
    return nullptr;
  }
  Connection* const connection =
      shut_ || RARELY("there is no place for a connection")
          ? nullptr
          : rooms_.links.make(house_.limits, std::move(peer), house_.now);
  if (connection == nullptr) {
    house_.counters.connections_refused.add();
    return nullptr;
  }
  const bool full = make_room || open_ >= house_.options.budget.places ||
                    RARELY("the places for connections are taken");
  Connection* const in_the_way = find_in_the_way(connection->stranger.address, full);
  if (full && in_the_way == nullptr) {
    rooms_.links.release(*connection);
    house_.counters.connections_refused.add();
    return nullptr;
  }
  rooms_.links.name(*connection);
  connection->listener = listener;
  connection->opened_at = house_.now.mono;
  const bool stays = rooms_.gatekeeper.accepts(*connection);
  // Nobody gives way to one that does not stay.
  if (in_the_way != nullptr && stays) give_way(*in_the_way);
  rooms_.binds.strangers().add(connection->stranger, house_.now.mono);
  ++open_;
  ASSERT(open_ <= rooms_.links.in_use());
  house_.counters.connections.add();
  house_.counters.connections_open.add();
  rooms_.links.touch(*connection);
  if (!stays) {
    house_.counters.connections_turned_away.add();
    connection->quiet = connection->gives_way = connection->broken = true;
    connection->session.close(CloseCause::turned_away);
    end_session(*connection);
  }
  return connection;
}

/// The stranger that has to give way to one more from that address; null: nobody. Who has said
/// something that lies unread is not silent: where many come at once, their binds do, and then
/// there may be more strangers than usual for a turn or two.
Connection* Connections::find_in_the_way(const std::string& address, bool full) {
  for (unsigned i = 0; i < strangers_looked_at; ++i) {
    Connection* one = rooms_.binds.strangers().in_the_way(address);
    if (one == nullptr && full) one = rooms_.binds.strangers().most_silent();
    if (one == nullptr) return nullptr;
    ASSERT(!one->over);
    // On a long line a bind takes its time.
    if (!full && one->stranger.heard_at + stranger_age_min > house_.now.mono) return nullptr;
    if (!house_.network.has_unread(one->id)) return one;
    rooms_.binds.strangers().heard(one->stranger, house_.now.mono);
  }
  return nullptr;
}

/// Its place is needed for somebody else, and it has not bound.
void Connections::give_way(Connection& connection) {
  ASSERT(!connection.over && !connection.counted);
  house_.counters.gave_way.add();
  rooms_.binds.strangers().remove(connection.stranger);
  connection.session.close(CloseCause::gave_way);
  connection.broken = connection.gives_way = true;
  end_session(connection);
  rooms_.links.touch(connection);
}

void Connections::secured(Connection& connection, const io::Channel& channel) {
  ASSERT(connection.security != nullptr && !connection.is_secured());
  house_.counters.handshakes.add();
  if (channel.resumed()) house_.counters.handshakes_resumed.add();
  connection.security->terms = channel.terms();
  connection.security->names = channel.names();
  // It has said something.
  rooms_.binds.strangers().heard(connection.stranger, house_.now.mono);
}

void Connections::insecure(Connection& connection, std::string_view why) {
  ASSERT(connection.security != nullptr);
  house_.counters.tls_failed.add();
  connection.security->fault = why;
  connection.session.close(CloseCause::tls);
  rooms_.links.touch(connection);
}

void Connections::released(Connection& connection) {
  if (!connection.over) {
    connection.session.close(CloseCause::peer);
    end_session(connection);
  }
  rooms_.safe.until_safe().remove(connection);
  // A close that nobody asked for has given nothing back yet.
  pressed_.look(connection);
  ASSERT(!connection.pressed.linked() && connection.queued_counted == 0);
  ASSERT(!connection.stranger.by_silence.linked());
  ASSERT(!connection.counted && !connection.receives);
  ASSERT(connection.awaiting_send.empty());
  rooms_.reading.leave(connection);
  rooms_.links.release(connection);
  house_.counters.connections_open.subtract();
}

// ---- what the network says

void Connections::sent(Connection& connection, std::size_t count) {
  ByteQueue& output = connection.session.output();
  ASSERT(count <= output.size());
  while (count != 0) {
    const std::size_t piece = std::min(count, output.front().size());
    output.pop(piece);
    count -= piece;
  }
  connection.sending = connection.stalled_once = false;
  connection.stall_deadline = never;
  if (!connection.awaiting_send.empty()) rooms_.delivery.release_awaiting(connection, false);
  rooms_.links.touch(connection);
}

void Connections::hangup(Connection& connection, bool broken) {
  // What it sent before it ended is still worked on, where some of it waits; its answers may be
  // read.
  connection.finished = !broken && !connection.held.empty();
  if (connection.finished)
    rooms_.binds.leave(connection);
  else
    connection.session.close(CloseCause::peer);
  if (broken) {
    connection.broken = true;
    connection.sending = false;
  }
  rooms_.links.touch(connection);
}

// ---- the end of a turn

void Connections::run_timers() {
  rooms_.links.advance(house_.now.mono, [this](Connection& connection) { on_timer(connection); });
}

void Connections::finish(Connection& connection) {
  ASSERT(rooms_.links.is_named(connection));
  if (!connection.over) {
    Session& session = connection.session;
    if (connection.finished && connection.held.empty()) session.close(CloseCause::peer);
    if (session.close_cause() != CloseCause::none) end_session(connection);
  }
  pressed_.look(connection);
  if (!connection.over) {
    rooms_.reading.wait_for_turn(connection);
    if (house_.draining || connection.leaving.cause != CloseCause::none) drain(connection);
  }
  send(connection);
  if (connection.over)
    close(connection);
  else
    pause_or_resume(connection);
  arm(connection);
}

void Connections::send(Connection& connection) {
  ByteQueue& output = connection.session.output();
  if (connection.sending || connection.broken || output.empty()) return;
  const Octets octets = sendable(connection);
  if (octets.empty()) return;
  rooms_.links.command(io::LinkCommand::Kind::send, connection, octets);
  output.lend();
  connection.sending = true;
  connection.stall_deadline = house_.now.mono + write_stall;
}

/// What of a connection's output may leave now.
Octets Connections::sendable(Connection& connection) {
  const ByteQueue& output = connection.session.output();
  const Octets front = output.front();
  const std::size_t size_max =
      RARELY("a send takes half of what there is") ? (front.size() + 1) / 2 : front.size();
  if (!rooms_.safe.keeps()) return front.first(size_max);
  connection.gates.add(rooms_.safe.last(), output.written(), rooms_.safe.durable());
  const std::uint64_t open = connection.gates.open_to(rooms_.safe.durable(), output.written());
  ASSERT(open >= output.popped() && open <= output.written());
  if (open < output.written()) rooms_.safe.until_safe().add(connection);
  return front.first(std::min<std::uint64_t>(size_max, open - output.popped()));
}

/// Once all that is left has been sent, or cannot be.
void Connections::close(Connection& connection) {
  ASSERT(connection.over);
  const bool all_sent = !connection.sending && connection.session.output().empty();
  if (connection.close_asked || (!connection.broken && !all_sent)) return;
  rooms_.links.command(
      connection.gives_way ? io::LinkCommand::Kind::abort : io::LinkCommand::Kind::close,
      connection);
  connection.close_asked = true;
}

void Connections::pause_or_resume(Connection& connection) {
  const Reading& reading = rooms_.reading;
  const bool is_heavy = reading.order().waits_heavily(connection) && !reading.blocked(connection);
  const std::uint64_t enough = connection.account == nullptr ? 0
                               : is_heavy                    ? heavy_backlog_max
                                                             : held_backlog_max;
  // Reading goes on when the send has ended.
  const bool rests = connection.sending && RARELY("reading waits for a send");
  const bool pause = rests || connection.held.size() > enough || connection.pressed.linked() ||
                     (connection.reading_paused && connection.held.size() > enough / resumed_at);
  if (pause == connection.reading_paused) return;
  rooms_.links.command(pause ? io::LinkCommand::Kind::pause : io::LinkCommand::Kind::resume,
                       connection);
  connection.reading_paused = pause;
}

/// Everything that waits on this connection goes elsewhere; its slot lives on until on_released.
void Connections::end_session(Connection& connection) {
  if (connection.over) return;
  connection.over = true;
  ASSERT(open_ != 0);
  --open_;
  rooms_.reading.leave(connection);
  rooms_.binds.strangers().remove(connection.stranger);
  const CloseCause cause = connection.session.close_cause();
  rooms_.log.closed(connection);
  rooms_.gatekeeper.closed(connection);
  rooms_.binds.leave(connection);
  connection.session.on_closed(cause);
  while (rooms_.reading.read_response(connection)) {
  }
  connection.session.settle();
  ASSERT(connection.session.window().open_count() == 0);
  rooms_.delivery.release_awaiting(connection, true);
  ASSERT(connection.awaiting_send.empty());
  connection.held.clear();
}

// Activity only ever moves a session's deadline away, so the timer is left where it is and set anew
// when it fires; it is moved only when something is due earlier. That keeps the wheel out of the
// path of messages.
void Connections::arm(Connection& connection) {
  Nanos at = std::min(connection.session.deadline(), connection.stall_deadline);
  at = std::min({at, connection.claim.verdict_by, connection.claim.hunt.look_at,
                 connection.leaving.unbind_by});
  if (connection.pace_until > house_.now.mono) at = std::min(at, connection.pace_until);
  if (house_.now.mono < connection.grace_until) at = std::max(at, house_.now.mono + unread_look);
  if (RARELY("a connection's timer is early")) at = house_.now.mono + 1;
  if (at < connection.timer.at) rooms_.links.arm(connection, at);
}

void Connections::on_timer(Connection& connection) {
  ASSERT(!connection.timer.armed());
  connection.timer.at = never;
  if (connection.stall_deadline <= house_.now.mono) {
    // The send may have ended while this process stood still.
    if (!connection.stalled_once) {
      connection.stalled_once = true;
      connection.stall_deadline = house_.now.mono + unread_grace;
    } else {
      connection.session.close(CloseCause::write_stall);
      connection.broken = true;
    }
  }
  if (connection.claim.verdict_by <= house_.now.mono && !connection.over)
    rooms_.binds.on_verdict_missed(connection);
  if (connection.claim.hunt.look_at <= house_.now.mono && !connection.over)
    rooms_.binds.on_look(connection);
  if (connection.leaving.unbind_by <= house_.now.mono) {
    connection.leaving.unbind_by = never;
    if (connection.session.bound() && !connection.session.unbinding()) unbind(connection);
  }
  if (connection.session.deadline() <= house_.now.mono && !waits_for_unread(connection)) {
    // What it says is not read: its silence proves nothing.
    if (connection.reading_paused) connection.session.on_heard(house_.now);
    connection.session.on_deadline(house_.now);
    // Requests that waited too long are events; a blocked connection has them as well as any.
    while (connection.session.window().deadline() <= house_.now.mono &&
           rooms_.reading.read_response(connection)) {
    }
  }
  rooms_.links.touch(connection);
}

/// What has arrived is read before a timer speaks, within a grace that cannot be stretched: one for
/// each time that is over, whatever comes meanwhile and moves no other.
bool Connections::waits_for_unread(Connection& connection) {
  const Nanos overdue = connection.session.deadline();
  const bool has_had_it = connection.grace_for == overdue;
  if (has_had_it && house_.now.mono >= connection.grace_until) return false;
  // Only the first time: what is rare shall not stretch it either.
  const bool rare = !has_had_it && RARELY("a timer waits for what may lie unread");
  if (connection.held.empty() && !house_.network.has_unread(connection.id) && !rare) return false;
  if (!has_had_it) {
    connection.grace_for = overdue;
    connection.grace_until = house_.now.mono + unread_grace;
  }
  rooms_.links.arm(connection, house_.now.mono + unread_look);
  return true;
}

// ---- the end of all

void Connections::drain_all() {
  ASSERT(house_.draining);
  rooms_.links.for_each([this](Connection& connection) { rooms_.links.touch(connection); });
}

/// Says goodbye once nothing of the session is under way: no request of the client's without its
/// response, no deliver_sm without its answer.
void Connections::drain(Connection& connection) {
  Session& session = connection.session;
  if (session.bound() && !session.unbinding() && session.open_requests() == 0 &&
      session.window().open_count() == 0 && connection.awaiting_send.empty())
    unbind(connection);
}

void Connections::unbind(Connection& connection) {
  Leaving& leaving = connection.leaving;
  leaving.unbind_by = never;
  if (leaving.cause == CloseCause::none)
    connection.session.start_unbind(CloseCause::shutdown, house_.now);
  else
    connection.session.start_unbind(leaving.cause, house_.now,
                                    std::max<Nanos>(leaving.close_by - house_.now.mono, 0));
}

void Connections::shut_down() {
  ASSERT(house_.draining);
  shut_ = true;
  rooms_.links.for_each([this](Connection& connection) {
    connection.session.start_unbind(CloseCause::shutdown, house_.now);
    rooms_.links.touch(connection);
  });
}

}  // namespace ringgate
