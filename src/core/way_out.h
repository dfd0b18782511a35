// How a core comes to its end: what is under way is finished, sessions are unbound, connections
// close, the journal settles. Each step has a time at which the next begins whatever is left.
#pragma once

#include <cstdint>

#include "base/units.h"

namespace ringgate {

class Shard;

/// How a core shall end.
enum class Ending : std::uint8_t {
  drain,    ///< once what is under way is done
  hurry,    ///< whatever is under way, but with an unbind
  abandon,  ///< at once: nothing that it could still say would be true
};

/// Pure; one thread.
class WayOut {
 public:
  /// `drain_time`: for what is under way.
  WayOut(Shard& shard, Nanos drain_time) : shard_(shard), drain_time_(drain_time) {}

  /// Again: hurries what is on its way.
  void ask(Ending how, Nanos now);
  /// Once a turn. Sessions are unbound one by one as they come to rest; this is what ends the
  /// whole.
  void step(Nanos now);

  /// Nothing new is taken in any more, and connections close.
  bool closing() const { return close_until_ != never; }
  /// Whether no further turn is wanted. `busy`: the disk still works for this core.
  bool is_over(Nanos now, bool busy);
  /// When a turn is wanted next even if nothing happens.
  Nanos deadline(Nanos now, bool busy) const;

 private:
  bool drained() const;
  bool settled(bool busy) const;
  bool closed(Nanos now) const;

  Shard& shard_;
  const Nanos drain_time_;
  Nanos drain_until_ = never;   // by then at the latest sessions are unbound
  Nanos close_until_ = never;   // by then at the latest connections are given up
  Nanos settle_until_ = never;  // by then at the latest the disk is given up
  bool abandoned_ = false;
};

}  // namespace ringgate
