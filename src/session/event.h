// What a session tells its owner.
#pragma once

#include <ringgate/message.h>

#include "smpp/command.h"
#include "smpp/pdu.h"

namespace ringgate {

enum class EventKind : std::uint8_t {
  none,
  bind,      ///< SMSC role: answer with accept_bind or refuse_bind, now or later
  submit,    ///< SMSC role: a submit_sm that passed every check; answer it
  deliver,   ///< ESME role: a deliver_sm; answer it
  response,  ///< a request of ours is over: answered, nacked, timed out, or its link closed
  bound,     ///< ESME role: bind_resp ESME_ROK
  unbind,    ///< the peer wants to end: call finish_unbind when nothing of this session is left in
             ///< hand
};

/// One event. Views point into the octets given to on_bytes and are good until settle().
struct Event {
  EventKind kind = EventKind::none;
  smpp::Command command = smpp::Command::generic_nack;
  std::uint32_t sequence_number = 0;
  /// response: command_status; ESME_RSYSERR with answered == false when none came.
  Status status = Status::ESME_ROK;
  bool answered = true;
  std::uint64_t token = 0;      ///< response: what was given to request()
  std::string_view message_id;  ///< response to submit_sm
  smpp::Bind bind;
  smpp::ShortMessage message;  ///< submit, deliver
  Octets tlvs;                 ///< submit, deliver, bound
  Octets text;                 ///< submit, deliver: short_message or message_payload
};

/// Why a session ends. The names go to logs and metrics.
enum class CloseCause : std::uint8_t {
  none,
  peer,          ///< the connection was closed or reset from outside
  framing,       ///< impossible command_length
  session_init,  ///< no successful bind in time
  refused,       ///< bind refused
  pdu_read,      ///< half a PDU, then silence
  enquire_link,  ///< our enquire_link was not answered
  inactivity,
  unbound,
  unwanted_responses,  ///< many responses in a row that nobody asked for
  no_memory,           ///< the tx pool is empty
  write_stall,         ///< the peer does not read
  shutdown,
};
std::string_view close_cause_name(CloseCause cause);

}  // namespace ringgate
