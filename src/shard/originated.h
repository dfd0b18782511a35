// What a backend has for clients beside receipts: messages from subscribers (MO), and alerts.
// Messages wait in the account's outbox as receipts do; alerts are told now or never.
#pragma once

#include <memory>

#include "shard/books.h"
#include "shard/delivery.h"
#include "shard/door.h"
#include "shard/given_ids.h"
#include "shard/house.h"
#include "shard/links.h"
#include "shard/mail.h"
#include "shard/registry.h"
#include "shard/safekeeping.h"
#include "shard/tidings.h"

namespace ringgate {

/// One thread.
class Originated {
 public:
  Originated(House& house, Links& links, Door& door, Books& books, Safekeeping& safe,
             Registry& registry, GivenIds& ids, Delivery& delivery, Tidings& tidings)
      : house_(house),
        links_(links),
        door_(door),
        books_(books),
        safe_(safe),
        registry_(registry),
        ids_(ids),
        delivery_(delivery),
        tidings_(tidings) {}

  // Of a number; the number plan says whose.

  Routed deliver(const Deliver& message, MessageId& id);
  Routed alert(const Alert& alert);

  // Of an account: sent on to its home. Of a session: to its shard first, which knows whose it is.

  void take(std::unique_ptr<Parcel> parcel);
  void take(std::unique_ptr<AlertParcel> parcel);

  // Mail: at its home, and of an alert from there to a bind.

  void arrive(std::unique_ptr<Parcel> parcel);
  void arrive(std::unique_ptr<AlertParcel> parcel);
  void send(const AlertParcel& alert, LinkId bind);

 private:
  void find_session(std::unique_ptr<Parcel> parcel);

  House& house_;
  Links& links_;
  Door& door_;
  Books& books_;
  Safekeeping& safe_;
  Registry& registry_;
  GivenIds& ids_;
  Delivery& delivery_;
  Tidings& tidings_;
};

}  // namespace ringgate
