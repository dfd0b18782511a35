// Pairs of account and password that have been found right, by digest: clients who come back need
// no second comparison, even if all come back at once.
#pragma once

#include <list>
#include <unordered_map>

#include <ringgate/types.h>

#include "base/units.h"
#include "io/passwords.h"

namespace ringgate::runtime {

/// Bounded: the pair that was used longest ago goes first. One thread at a time; time only grows.
class PasswordCache {
 public:
  static constexpr std::size_t count_max = 65'536;
  static constexpr Nanos lifetime = seconds(3600);  ///< from the last use

  /// Counts as a use.
  bool known(const io::PasswordDigest& digest, Nanos now);
  void add(const io::PasswordDigest& digest, Nanos now);
  /// Somebody is bound with it: until the matching release() it does not grow old.
  void hold(const io::PasswordDigest& digest, Nanos now);
  void release(const io::PasswordDigest& digest, Nanos now);

  std::size_t size() const { return entries_.size(); }

 private:
  struct Hash {
    std::size_t operator()(const io::PasswordDigest& digest) const {
      return static_cast<std::size_t>(digest.low);
    }
  };
  using Idle = std::list<io::PasswordDigest>;
  struct Entry {
    std::uint32_t holders = 0;
    Nanos used = 0;
    Idle::iterator idle;  // without holders
  };
  using Entries = std::unordered_map<io::PasswordDigest, Entry, Hash>;

  Entries::iterator use(const io::PasswordDigest& digest, Nanos now);
  void drop_old(Nanos now);

  Entries entries_;
  Idle idle_;  // those without holders, the longest unused first
};

}  // namespace ringgate::runtime
