// The ids of messages: given out, and found again by whoever they were given to.
#pragma once

#include "shard/books.h"
#include "shard/connection.h"
#include "shard/house.h"
#include "shard/open_operations.h"
#include "shard/owners.h"
#include "shard/safekeeping.h"

namespace ringgate {

/// One thread.
class GivenIds {
 public:
  GivenIds(const House& house, Books& books, const Safekeeping& safe)
      : house_(house), books_(books), safe_(safe), owners_(house.options.budget.messages) {}

  /// Of a client's message, in a form that its version can write.
  NumberedId next(const Connection& connection) {
    if (connection.session.interface_version() >= 0x34) [[likely]]
      return books_.ids.next();
    return next_short(connection.account->index);
  }
  /// Of what no client has to name.
  MessageId next() { return books_.ids.next().id; }
  /// Of what is no message, and the account's from now on.
  MessageId next_for(std::uint32_t account) {
    const NumberedId id = books_.ids.next();
    note(id, account);
    return id.id;
  }
  /// Only that account may ask for it.
  void note(NumberedId id, std::uint32_t account) { owners_.note(id.sequence, account); }

  /// Whether it was given to that account, as far as anybody remembers.
  bool gave_to(std::uint32_t account, MessageId id);
  /// Null when it is not known.
  const EndedMessage* find_ended(MessageId id) const;
  /// Finds the message of the asking account that a short form means: the newest that this shard
  /// has given out, if it is the account's, or one that is still known from before. False when
  /// there is none.
  bool complete(OperationParcel& parcel);

 private:
  NumberedId next_short(std::uint32_t account);

  const House& house_;
  Books& books_;
  const Safekeeping& safe_;
  Owners owners_;
};

}  // namespace ringgate
