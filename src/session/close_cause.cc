#include <ringgate/gate.h>
#include <ringgate/sessions.h>

namespace ringgate {
inline namespace RINGGATE_ABI {

std::string_view close_cause_name(CloseCause cause) {
  switch (cause) {
    case CloseCause::none:
      return "none";
    case CloseCause::peer:
      return "peer";
    case CloseCause::framing:
      return "framing";
    case CloseCause::session_init:
      return "session_init";
    case CloseCause::refused:
      return "refused";
    case CloseCause::turned_away:
      return "turned_away";
    case CloseCause::pdu_read:
      return "pdu_read";
    case CloseCause::enquire_link:
      return "enquire_link";
    case CloseCause::inactivity:
      return "inactivity";
    case CloseCause::unbound:
      return "unbound";
    case CloseCause::unwanted_responses:
      return "unwanted_responses";
    case CloseCause::no_memory:
      return "no_memory";
    case CloseCause::gave_way:
      return "gave_way";
    case CloseCause::write_stall:
      return "write_stall";
    case CloseCause::account_closed:
      return "account_closed";
    case CloseCause::ended:
      return "ended";
    case CloseCause::tls:
      return "tls";
    case CloseCause::shutdown:
      return "shutdown";
  }
  return "none";
}

std::string_view session_state_name(SessionState state) {
  switch (state) {
    case SessionState::open:
      return "open";
    case SessionState::bound:
      return "bound";
    case SessionState::unbinding:
      return "unbinding";
    case SessionState::closing:
      return "closing";
  }
  return "closing";
}

}  // namespace RINGGATE_ABI
}  // namespace ringgate
