// Password hashes take milliseconds by design, so a shard asks for the comparison and goes on.
#pragma once

#include <string>

#include "base/link_id.h"

namespace ringgate::io {

class Passwords {
 public:
  /// Compares off the shard; the answer comes back as Shard::on_password(link, matches) in a later
  /// turn. False when too many comparisons are waiting already: refuse the bind, the peer will be
  /// back.
  virtual bool compare(LinkId link, const std::string& hash, const std::string& password) = 0;

 protected:
  ~Passwords() = default;
};

}  // namespace ringgate::io
