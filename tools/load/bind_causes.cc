#include "load/bind_causes.h"

namespace ringgate::load {
namespace {

struct BindCauseRow {
  Status status;
  std::string_view causes;
};

// Wrong credentials have the status that the account (quirks.wrong_credentials) or the node
// (node.unknown_system_id) says, by default ESME_RBINDFAIL.
constexpr BindCauseRow bind_cause_rows[] = {
    {Status::ESME_RBINDFAIL,
     "no such system_id; wrong password; the address is blocked after too many wrong passwords; "
     "the "
     "account may not bind in this mode (account.bind); too many binds (account.max_binds); too "
     "many password checks are waiting; the server is shutting down"},
    {Status::ESME_RINVPASWD,
     "wrong password; the address is blocked after too many wrong passwords"},
    {Status::ESME_RINVSYSID,
     "no such system_id; the address is blocked after too many wrong passwords; system_id is "
     "malformed"},
    {Status::ESME_RALYBND, "the connection is bound already"},
    {Status::ESME_RINVBNDSTS, "the connection is ending"},
    {Status::ESME_RINVSYSTYP, "system_type is malformed"},
    {Status::ESME_RINVCMDLEN, "the bind is malformed; it is longer than limits.max_unbound_pdu"},
};

}  // namespace

std::string_view bind_causes(Status status) {
  for (const BindCauseRow& row : bind_cause_rows)
    if (row.status == status) return row.causes;
  return {};
}

std::string_view silence_causes() {
  return "no place (limits.max_connections, max_unbound or max_unbound_per_address); too slow "
         "(limits.session_init_ms); the server ended; it is no SMPP server, or one that wants TLS";
}

}  // namespace ringgate::load
