// How far a thread's run has come.
#pragma once

#include <ringgate/types.h>

#include <cstdint>

#include "session/smpp_session.h"

namespace ringgate::load {

enum class Phase : std::uint8_t { binding, running, draining, receipts, unbinding, done };

/// As of the turn that goes on. The client sets it; all its parts read it.
struct Stage {
  Now now;
  Phase phase = Phase::binding;
  Nanos deadline = never;    ///< of the phase
  bool interrupted = false;  ///< the phase is to end at once

  void enter(Phase next, Nanos until) {
    phase = next;
    deadline = until;
  }
  bool is_over() const { return interrupted || deadline <= now.mono; }
};

}  // namespace ringgate::load
