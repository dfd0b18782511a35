// Faults that the simulator plants, to prove that it would find them.
//
// PLANTED("what") is false, at no cost, in every build but the simulator's (tests/sim), where it is
// true throughout the runs that look for that fault. Beside a defence it stands for the defence
// left out: a run that does not fail with it means that nothing tests the defence.
#pragma once

namespace ringgate {

#ifdef RINGGATE_SIMULATION
/// Defined by the simulator.
bool planted(const char* what);
#define PLANTED(what) ::ringgate::planted(what)
#else
#define PLANTED(what) false
#endif

}  // namespace ringgate
