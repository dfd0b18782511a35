// Submits, and what the backend says of them: the answer, and the outcome.
#pragma once

#include <ringgate/backend.h>

#include "session/event.h"
#include "shard/admission.h"
#include "shard/books.h"
#include "shard/connection.h"
#include "shard/delivery.h"
#include "shard/door.h"
#include "shard/given_ids.h"
#include "shard/house.h"
#include "shard/intake.h"
#include "shard/links.h"
#include "shard/long_messages.h"
#include "shard/multi_submits.h"
#include "shard/registry.h"
#include "shard/resubmissions.h"
#include "shard/safekeeping.h"
#include "shard/shard_log.h"
#include "shard/tidings.h"

namespace ringgate {

/// One thread.
class Submits {
 public:
  /// The rooms that it knows. All outlive it.
  struct Rooms {
    Links& links;
    Door& door;
    ShardLog& log;
    Books& books;
    Safekeeping& safe;
    Registry& registry;
    GivenIds& ids;
    LongMessages& parts;
    Admission& admission;
    Intake& intake;
    Resubmissions& resubmissions;
    MultiSubmits& multi;
    Delivery& delivery;
    Tidings& tidings;
  };

  Submits(House& house, const Rooms& rooms) : house_(house), rooms_(rooms) {}

  /// A submit_sm or data_sm; its content lies where the intake goes on.
  void on_submit(Connection& connection, const Event& event);

  // What the backend says. A ticket of a message that is no more, or never was, changes nothing.

  Posted answer(Ticket ticket, Status status);
  Posted report(Ticket ticket, Outcome outcome);

 private:
  Posted unknown(Ticket ticket) const {
    return ticket.shard == house_.options.index ? Posted::gone : Posted::misuse;
  }

  House& house_;
  const Rooms rooms_;
};

}  // namespace ringgate
