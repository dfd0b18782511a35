// How a thread of the load waits for its ring.
#pragma once

#include <ringgate/types.h>

#include "uring/ring.h"

namespace ringgate::load {

/// Sleeps, or looks for a while before it does, which spares the server the work of waking this
/// program: a client on another machine costs it none either. One thread.
class RingWait {
 public:
  /// `busy_poll`: how long it looks; 0: not at all. The ring outlives this.
  RingWait(uring::Ring& ring, Nanos busy_poll) : ring_(ring), busy_poll_(busy_poll) {}

  /// Submits what is queued, and comes back when there is something to drain, or at `until`.
  void wait(Nanos now, Nanos until);

  /// How long it has looked and found nothing: CPU time in which this program had nothing to do.
  Nanos looked() const { return looked_; }

 private:
  uring::Ring& ring_;
  const Nanos busy_poll_;
  Nanos looked_ = 0;
};

}  // namespace ringgate::load
