#include "shard/session_desk.h"

#include <algorithm>
#include <utility>

#include "policy/peer_address.h"

namespace ringgate {
namespace {

constexpr Nanos ns_per_ms = milliseconds(1);

SessionState state_of(const Connection& connection) {
  if (connection.over) return SessionState::closing;
  if (connection.account == nullptr) return SessionState::open;
  return connection.session.bound() && !connection.is_going() ? SessionState::bound
                                                              : SessionState::unbinding;
}

}  // namespace

std::uint32_t SessionDesk::list(const SessionFilter& filter, std::uint32_t from,
                                std::vector<SessionInfo>& out) const {
  const std::uint32_t to = std::min(from + listed_per_call, links_.places());
  for (std::uint32_t place = from; place < to; ++place) {
    const Connection* const connection = links_.at(place);
    if (connection != nullptr && fits(*connection, filter)) out.push_back(info_of(*connection));
  }
  return to == links_.places() ? 0 : to;
}

std::uint64_t SessionDesk::end(const SessionFilter& filter, const SessionEnd& how) {
  std::uint64_t ended = 0;
  const auto end_one = [&](Connection& connection) {
    if (connection.over || !fits(connection, filter)) return;
    ++ended;
    if (how.unbind && connection.session.bound())
      return binds_.send_away(connection, CloseCause::ended, milliseconds(how.grace_ms));
    connection.broken = true;
    connection.session.close(CloseCause::ended);
    links_.touch(connection);
  };
  if (filter.session == SessionId{})
    links_.for_each(end_one);
  else if (Connection* const one = links_.find_serial(serial_of(filter.session)))
    end_one(*one);
  return ended;
}

bool SessionDesk::fits(const Connection& connection, const SessionFilter& filter) const {
  if (filter.session != SessionId{} && filter.session != house_.session_of(connection.id))
    return false;
  if (!filter.account.empty() &&
      (connection.account == nullptr || connection.account->options.system_id != filter.account))
    return false;
  return filter.address.empty() || host_of(connection.peer) == filter.address;
}

SessionInfo SessionDesk::info_of(const Connection& connection) const {
  const Session& session = connection.session;
  const auto seconds_of = [this](Nanos at) {
    return house_.now.wall_s - (house_.now.mono - at) / seconds(1);
  };
  SessionInfo info;
  info.session = house_.session_of(connection.id);
  info.state = state_of(connection);
  info.peer = connection.peer;
  info.listener = connection.listener;
  if (connection.is_secured()) info.tls = connection.security->terms;
  if (connection.account != nullptr) {
    info.account = connection.account->options.system_id;
    info.bound_s = seconds_of(connection.bound_at);
  }
  info.mode = connection.claim.mode;
  info.version = session.interface_version();
  info.connected_s = seconds_of(connection.opened_at);
  info.silent_ms = static_cast<std::uint64_t>((house_.now.mono - session.last_heard()) / ns_per_ms);
  info.submits_open = session.open_requests();
  info.submit_window = session.submit_window();
  info.delivers_open = session.window().open_count();
  info.deliver_window = session.window().size();
  info.pdus_in = session.pdus_in();
  info.octets_in = connection.octets_in;
  info.octets_out = session.output().written();
  info.octets_waiting = session.output().size();
  return info;
}

}  // namespace ringgate
