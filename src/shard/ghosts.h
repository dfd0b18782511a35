// Binds whose clients may be gone without a word. When an account has all its binds and another one
// comes, those from the same address are asked whether they live, on every shard; those that do not
// answer end, and the new one gets a place.
//
// Each bind that waits has all connections looked through once. Whoever binds again and again above
// its limit is refused at once: where no bind is from its address, and beyond a rate of the
// address.
#pragma once

#include <string>

#include "shard/connection.h"
#include "shard/house.h"
#include "shard/links.h"
#include "shard/mail.h"

namespace ringgate {

/// One thread.
class Ghosts {
 public:
  Ghosts(House& house, Links& links) : house_(house), links_(links) {}

  /// A bind that has been checked finds no place. True: it waits, and is to be looked at when
  /// claim.hunt.look_at comes.
  bool wait(Connection& connection);
  /// Another shard hunts.
  void hunt(const HuntParcel& parcel, LinkId asker);
  /// What another shard found for ours. It may be due to be looked at now.
  void heard(LinkId asker, bool has_hope);

 private:
  void begin(Connection& connection, Nanos within);
  bool probe(std::uint32_t account, const std::string& address);

  House& house_;
  Links& links_;
};

}  // namespace ringgate
