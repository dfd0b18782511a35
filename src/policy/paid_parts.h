// Long messages of a rate-limited account that are on their way: the first part to come has paid
// for all of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <unordered_map>

#include <ringgate/types.h>

#include "policy/hold.h"
#include "policy/submit_limits.h"

namespace ringgate {

/// One account's. Shared by all shards, because parts come by any bind; only parts that have limits
/// come here.
class PaidParts {
 public:
  /// Beyond this many incomplete messages the one that began first is forgotten: the next of its
  /// parts pays for a whole message again.
  static constexpr std::size_t count_max = 4096;

  /// A part of the message that `key` stands for, which has `parts` of them: refused where the
  /// limits do not admit the whole. What has been paid is worth as many parts, whichever they are,
  /// until `patience` after the first.
  SubmitLimits::Taken take(std::uint64_t key, unsigned parts, unsigned destinations,
                           SubmitLimits& limits, Nanos now, Nanos patience);

 private:
  struct Message {
    unsigned left = 0;
    Nanos until = 0;
  };
  struct Aging {
    Nanos until;
    std::uint64_t key;
  };

  void remove_oldest();

  HoldFlag held_;
  std::unordered_map<std::uint64_t, Message> messages_;
  std::deque<Aging> by_age_;  // one patience for all; those that are whole stay until their time
};

}  // namespace ringgate
