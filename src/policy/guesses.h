// Binds with a wrong password: who guesses is slowed down, then blocked for a while.
//
// Counted per address and system_id, and per address. An account is never blocked as such: whoever
// could do that to a neighbour from anywhere would need no password to do harm.
#pragma once

#include <list>
#include <string>
#include <string_view>
#include <unordered_map>

#include <ringgate/types.h>

#include "base/hash.h"
#include "base/units.h"

namespace ringgate {

struct GuessLimits {
  unsigned pair_max = 10;      ///< wrong passwords for one system_id from one address; 0 = no limit
  unsigned address_max = 100;  ///< from one address altogether; 0 = no limit
  Nanos block = seconds(60);   ///< how long the next is refused unheard
  Nanos delay = seconds(1);    ///< a refused connection is kept that long; then twice as long, ...
  Nanos delay_max = seconds(8);  ///< ... up to this: it holds a place of ours as well
};

/// One shard's. Failures are forgiven at the rate of a limit's worth in five times `block`, so that
/// a client with an old password that comes back every half minute is never blocked, and neither
/// are those who share its address. Bounded: the pairs and addresses heard of longest ago go first.
/// One thread; time only grows.
class Guesses {
 public:
  static constexpr std::size_t count_max = 16'384;  ///< pairs, and as many addresses

  enum class Block : std::uint8_t { none, pair, address };
  struct Failure {
    Nanos delay;  ///< to keep the connection after the refusal
    Block begun;  ///< by this very failure
  };

  /// `seed` need not be secret, but other than last time.
  Guesses(const GuessLimits& limits, std::uint64_t seed)
      : limits_(limits), pairs_(seed), addresses_(seed) {}

  /// Whether a bind with that system_id from that address is to be refused unheard.
  Block blocked(std::string_view address, std::string_view system_id, Nanos now) const;
  /// Such a bind had a wrong password, or a system_id that nobody has.
  Failure failed(std::string_view address, std::string_view system_id, Nanos now);
  /// Such a bind had the right one: the pair begins anew, unless it is blocked, which the known go
  /// past without ending it for whoever guesses beside them. The address does not, or who has one
  /// account could guess at others for ever.
  void succeeded(std::string_view address, std::string_view system_id, Nanos now);

  std::size_t size() const { return pairs_.size() + addresses_.size(); }

 private:
  struct Record {
    double failures = 0;  // those forgiven taken off, as of `at`
    Nanos at = 0;
    Nanos blocked_until = 0;
    std::list<std::string>::iterator order;
  };

  /// Records by name, the one heard of longest ago first to go.
  class Table {
   public:
    explicit Table(std::uint64_t seed) : records_(0, SeededHash{seed}) {}

    const Record* find(std::string_view name) const;
    Record& take(std::string_view name);
    void drop(std::string_view name);
    std::size_t size() const { return records_.size(); }

   private:
    std::unordered_map<std::string, Record, SeededHash, std::equal_to<>> records_;
    std::list<std::string> order_;
  };

  bool count(Record& record, unsigned max, Nanos now) const;
  Nanos delay_after(double failures) const;

  const GuessLimits limits_;
  Table pairs_;
  Table addresses_;
};

}  // namespace ringgate
