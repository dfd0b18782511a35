// What a session tells its owner.
#pragma once

#include <vector>

#include <ringgate/gate.h>
#include <ringgate/message.h>

#include "message/record.h"

namespace ringgate {

enum class EventKind : std::uint8_t {
  none,
  bind,          ///< SMSC role: answer with accept_bind or refuse_bind, now or later
  submit,        ///< SMSC role: a submit_sm or data_sm that passed every check; answer_submit
  submit_multi,  ///< SMSC role: to `destinations`; answer_submit_multi, or answer_submit with an
                 ///< error
  operation,     ///< SMSC role: `operation` about `message_id`; answer_operation
  deliver,       ///< ESME role: a deliver_sm or data_sm; answer_deliver
  alert,         ///< ESME role: an alert_notification; nothing to answer
  outbind,       ///< ESME role: the message centre wants to be bound to
  response,      ///< a request of ours is over: answered, nacked, timed out, or its link closed
  bound,         ///< ESME role: the bind is answered, see status
  unbind,  ///< the peer wants to end: call finish_unbind when nothing of this session is left in
           ///< hand
};

/// One entry of a submit_multi's list.
struct Destination {
  Address address;
  Status status = Status::ESME_ROK;  ///< why it cannot be taken
};

/// One event. Views point into the octets given to on_bytes and are good until settle().
struct Event {
  EventKind kind = EventKind::none;
  std::uint32_t sequence_number = 0;
  /// response: command_status; ESME_RSYSERR with answered == false when none came.
  Status status = Status::ESME_ROK;
  bool answered = true;
  std::uint64_t token = 0;      ///< response: what was given to request()
  std::string_view message_id;  ///< operation, or response to a submit: the peer's words
  /// submit, submit_multi (without the destination), operation, deliver: where next_event was told
  /// to write it.
  Content* content = nullptr;
  RecordKind submit = RecordKind::submit_sm;  ///< submit, submit_multi
  OperationKind operation = OperationKind::query;
  std::vector<Destination> destinations;  ///< submit_multi: at least one
  BindMode mode = BindMode::transceiver;  ///< bind
  std::string_view system_id;             ///< bind
  std::string_view password;              ///< bind
  std::string_view system_type;           ///< bind
  Address address_range;                  ///< bind
};

}  // namespace ringgate
