#include "shard/reading.h"

#include "base/rarely.h"

namespace ringgate {
namespace {

// Requests that are looked at and wait on: so many are one unit of a turn's work.
constexpr unsigned requests_per_work = 16;

}  // namespace

void Reading::on_bytes(Connection& connection, Octets octets) {
  rooms_.binds.strangers().heard(connection.stranger, house_.now.mono);
  if (!connection.held.empty() || blocked(connection)) {
    // They must wait in whole; their arrival still shows that the peer lives.
    connection.session.on_heard(house_.now);
    connection.held.append(octets);
  } else {
    order_.grant(connection);
    const Octets rest = consume(connection, octets);
    if (!rest.empty()) connection.held.append(rest);
    order_.settle(connection);
    wait_for_turn(connection);
  }
  rooms_.links.touch(connection);
}

void Reading::wait_for_turn(Connection& connection) {
  const HeldInput& held = connection.held;
  if (held.empty()) return;
  if (!blocked(connection))
    order_.wait(connection, held.size() + connection.session.carried());
  else if (may_sift(connection))
    order_.wait(connection, held.unsifted());
}

/// Returns what was not looked at because the connection is blocked.
Octets Reading::consume(Connection& connection, Octets octets) {
  Session& session = connection.session;
  session.on_bytes(octets, house_.now);
  // The backend may answer at once, which opens the window again: then there is more to read.
  for (bool more = true; more;) {
    more = pump(connection);
    rooms_.intake.flush();
    more = more && !blocked(connection);
  }
  // What a batch of submits borrows goes now.
  ASSERT(rooms_.intake.empty());
  // Before settle(), which takes whatever an unblocked session has left for the head of one PDU:
  // pacing and a full tx queue block the connection without blocking its session.
  const Octets rest = blocked(connection) ? session.take_rest() : Octets{};
  session.settle();
  count_pdus(connection);
  rooms_.binds.note_malformed(connection);
  return rest;
}

void Reading::count_pdus(Connection& connection) {
  const std::uint64_t pdus_in = connection.session.pdus_in();
  ASSERT(pdus_in >= connection.pdus_counted);
  house_.counters.pdus_in.add(pdus_in - connection.pdus_counted);
  connection.pdus_counted = pdus_in;
}

/// Works through events; true when it stopped because the connection is blocked.
bool Reading::pump(Connection& connection) {
  Session& session = connection.session;
  while (!blocked(connection)) {
    if (!session.next_event(event_, rooms_.intake.next())) return session.blocked();
    // Before the switch: a jump by table costs as much as the rest of this loop.
    if (event_.kind == EventKind::submit) [[likely]] {
      rooms_.submits.on_submit(connection, event_);
      continue;
    }
    if (event_.kind == EventKind::response) {
      rooms_.delivery.on_response(connection, event_);
      continue;
    }
    switch (event_.kind) {
      case EventKind::submit_multi:
        rooms_.multi.on_submit(connection, event_);
        break;
      case EventKind::operation:
        rooms_.intake.flush();
        rooms_.operations.on_operation(connection, event_);
        break;
      case EventKind::bind:
        rooms_.binds.on_bind(connection, event_);
        break;
      case EventKind::unbind:
        rooms_.intake.flush();
        rooms_.binds.on_unbind(connection);
        session.finish_unbind(house_.now);
        break;
      case EventKind::none:
      case EventKind::submit:
      case EventKind::response:
      case EventKind::deliver:
      case EventKind::alert:
      case EventKind::outbind:
      case EventKind::bound:
        UNREACHABLE();
    }
  }
  return true;
}

void Reading::read_waiting() {
  while (Connection* const connection = order_.next()) {
    ASSERT(!connection->over);
    read_held(*connection);
    order_.settle(*connection);
    rooms_.links.touch(*connection);
  }
}

void Reading::read_held(Connection& connection) {
  while (!connection.held.empty() && !blocked(connection) &&
         connection.session.close_cause() == CloseCause::none) {
    const Octets front = connection.held.front();
    const Octets rest = consume(connection, front);
    connection.held.pop(front.size() - rest.size());
  }
  if (blocked(connection)) sift(connection);
}

/// Takes the responses out of what is held, as far as this turn's work goes: they wait for no pace
/// and for no window.
void Reading::sift(Connection& connection) {
  Session& session = connection.session;
  Octets response;
  for (unsigned requests = 1; may_sift(connection) && session.allowance() > 0; ++requests) {
    if (RARELY("responses are sifted out in a later turn")) break;
    const HeldInput::Found found = connection.held.look(session, joined_response_, response);
    if (found == HeldInput::Found::nothing) break;
    if (found == HeldInput::Found::request) {
      session.on_held_request();
      if (requests % requests_per_work == 0) session.charge(1);
      continue;
    }
    if (session.on_held_response(response, house_.now, event_))
      rooms_.delivery.on_response(connection, event_);
    connection.held.drop_response(response.size());
  }
  count_pdus(connection);
}

bool Reading::read_response(Connection& connection) {
  if (!connection.session.next_event(event_, rooms_.intake.next())) return false;
  ASSERT(event_.kind == EventKind::response);
  rooms_.delivery.on_response(connection, event_);
  return true;
}

}  // namespace ringgate
