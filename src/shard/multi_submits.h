// submit_multi: every destination is a message of its own to the backend; the client gets one
// response, when the last of them has been answered.
#pragma once

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
#include "shard/multi.h"
#include "shard/registry.h"

namespace ringgate {

/// One thread.
class MultiSubmits {
 public:
  MultiSubmits(House& house, Links& links, Door& door, Books& books, Registry& registry,
               GivenIds& ids, Admission& admission, Intake& intake, Delivery& delivery)
      : house_(house),
        links_(links),
        door_(door),
        uses_(books.uses),
        registry_(registry),
        ids_(ids),
        admission_(admission),
        intake_(intake),
        delivery_(delivery) {}

  void on_submit(Connection& connection, const Event& event);
  /// The backend has answered one of its destinations, which may be released for it.
  void answered(MessageRecord& record, Status status);

 private:
  static unsigned allowed_of(const Connection& connection, const Event& event);
  void respond(MultiGroup& group);

  House& house_;
  Links& links_;
  Door& door_;
  AccountUses& uses_;
  Registry& registry_;
  GivenIds& ids_;
  Admission& admission_;
  Intake& intake_;
  Delivery& delivery_;
  MultiGroups groups_;
};

}  // namespace ringgate
