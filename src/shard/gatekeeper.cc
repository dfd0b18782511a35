#include "shard/gatekeeper.h"

#include <utility>

namespace ringgate {

bool Gatekeeper::accepts(Connection& connection) {
  if (!has_gate()) return true;
  const SessionId session = id_of(connection);
  ASSERT(session.value > newest_);
  newest_ = session.value;
  if (!house_.world.gate->accepts({session, connection.peer, connection.listener})) return false;
  connection.gate_knows = true;
  return true;
}

bool Gatekeeper::ask(Connection& connection, const Event& event) {
  ASSERT(has_gate() && connection.claim.verdict_by == never);
  if (waiting_ == waiting_max) return false;
  std::uint32_t& of_address = waiting_of_[connection.stranger.address];
  if (of_address >= address_share_) return false;
  ++of_address;
  ++waiting_;
  connection.claim.verdict_by = house_.now.mono + house_.options.bind_verdict;
  connection.session.await_verdict(connection.claim.verdict_by);
  BindRequest request;
  request.session = id_of(connection);
  request.peer = connection.peer;
  request.listener = connection.listener;
  request.mode = event.mode;
  request.version = connection.session.interface_version();
  request.system_id = event.system_id;
  request.password = event.password;
  request.system_type = event.system_type;
  request.address_range = event.address_range;
  if (connection.is_secured()) request.tls = connection.security->terms;
  request.certificate_names = connection.certificate_names();
  house_.world.gate->on_binds({&request, 1}, house_.now, house_.verdicts);
  return true;
}

void Gatekeeper::remove(Connection& connection) {
  if (connection.claim.verdict_by == never) return;
  connection.claim.verdict_by = never;
  ASSERT(waiting_ != 0);
  --waiting_;
  const auto of_address = waiting_of_.find(connection.stranger.address);
  ASSERT(of_address != waiting_of_.end() && of_address->second != 0);
  if (--of_address->second == 0) waiting_of_.erase(of_address);
}

Connection* Gatekeeper::find_waiting(SessionId session, Posted& why) {
  const bool is_ours = shard_of(session) == house_.options.index;
  Connection* const connection = is_ours ? links_.find_serial(serial_of(session)) : nullptr;
  if (connection == nullptr || !connection->gate_knows) {
    const bool was_here = is_ours && serial_of(session) != 0 && session.value <= newest_;
    why = was_here ? Posted::gone : Posted::misuse;
    return nullptr;
  }
  ASSERT(!connection->over);
  if (connection->claim.verdict_by != never) return connection;
  why = Posted::misuse;
  return nullptr;
}

void Gatekeeper::unbinds(const Connection& connection) {
  if (!connection.gate_knows) return;
  const SessionId session = id_of(connection);
  house_.world.gate->on_unbinds({&session, 1});
}

void Gatekeeper::closed(Connection& connection) {
  remove(connection);
  if (!std::exchange(connection.gate_knows, false)) return;
  Closed closed;
  closed.session = id_of(connection);
  closed.cause = connection.session.close_cause();
  if (connection.account != nullptr) closed.account = connection.account->options.system_id;
  closed.pdus_in = connection.session.pdus_in();
  closed.octets_in = connection.octets_in;
  closed.octets_out = connection.session.output().written();
  house_.world.gate->on_closed({&closed, 1});
}

}  // namespace ringgate
