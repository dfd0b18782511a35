// Points at which the simulator makes rare things happen.
//
// RARELY("what") is false, at no cost, in every build but the simulator's (tests/sim), where it is
// true now and then: a batch that ends early, a window that is full. Code must be right whichever
// way it goes, so each point is a place where a rare path gets as much exercise as a common one.
#pragma once

namespace ringgate {

#ifdef RINGGATE_SIMULATION
/// Defined by the simulator, which draws from its seed and counts.
bool rarely(const char* what);
#define RARELY(what) ::ringgate::rarely(what)
#else
#define RARELY(what) false
#endif

}  // namespace ringgate
