// query_sm, cancel_sm, replace_sm and the broadcast operations.
//
//   asker ── operation ──> owner of the id: backend ── operation_answer ──> asker
//
// The owner is the shard that gave out the id, which is where the backend has met the message, and
// which knows whom it was given to: it answers for ids of others as for those that there are not. A
// cancel without an id goes to every shard, and has done something if one of them has.
#pragma once

#include <memory>

#include "session/event.h"
#include "shard/books.h"
#include "shard/connection.h"
#include "shard/door.h"
#include "shard/given_ids.h"
#include "shard/house.h"
#include "shard/links.h"
#include "shard/mail.h"
#include "shard/open_operations.h"
#include "shard/safekeeping.h"
#include "shard/shard_log.h"

namespace ringgate {

/// One thread.
class Operations {
 public:
  Operations(House& house, Links& links, Door& door, ShardLog& log, Books& books, Safekeeping& safe,
             GivenIds& ids)
      : house_(house),
        links_(links),
        door_(door),
        log_(log),
        books_(books),
        safe_(safe),
        ids_(ids),
        open_(house.directory().size(), house.options.first_name),
        replacing_(house.directory().size()) {}

  /// The accounts have changed.
  void adopt() {
    open_.adopt(house_.directory().size());
    replacing_.adopt(house_.directory().size());
  }

  // Asker: the shard of the client's bind.

  void on_operation(Connection& connection, const Event& event);
  /// Mail: what one of the shards that were asked has answered.
  void take(const OperationAnswerParcel& answer);
  /// Gives up those that have waited too long.
  void expire();
  Nanos deadline() const { return open_.deadline(); }

  // Owner.

  /// Mail: to be done here.
  void run(std::unique_ptr<OperationParcel> parcel);
  /// The backend, or this shard itself, says what has come of it.
  Posted answer(OperationTicket ticket, const OperationAnswer& answer);
  /// Octets that the journal has promised to have room for.
  std::uint64_t pledged() const { return replacing_.octets(); }

 private:
  void pass_on(std::unique_ptr<OperationParcel> parcel, unsigned shard);
  void respond(OpenOperation& open, const OperationAnswer& answer);
  bool answer_from_end(const OperationParcel& parcel);
  void replace(OperationTicket ticket, Status status);
  void post_when_safe(unsigned shard, const io::Mail& mail);

  House& house_;
  Links& links_;
  Door& door_;
  ShardLog& log_;
  Books& books_;
  Safekeeping& safe_;
  GivenIds& ids_;
  OpenOperations open_;
  Replacing replacing_;
};

}  // namespace ringgate
