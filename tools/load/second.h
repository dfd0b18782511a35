// One second of a run: what came of it, and whether this program or the server was measured.
#pragma once

#include <ringgate/types.h>

#include <cstdint>
#include <string_view>
#include <vector>

#include "load/latency.h"

namespace ringgate::load {

/// What else went on while a second lasted, as shares of it: 1 is all of it. What the kernel does
/// not tell is 0.
struct Surroundings {
  double client_cpu = 0;  ///< this thread ran
  double cpu_wait = 0;    ///< it could have run, and somebody else did
  double steal = 0;       ///< the hypervisor took its CPU, or of all CPUs where it has no own one
  double pressure = 0;    ///< any task of the machine waited for a CPU
  std::uint64_t throttled = 0;  ///< times that the control group had used up its CPU
};

struct Second {
  Nanos at = 0;    ///< since the first submit
  Nanos size = 0;  ///< shorter at the end, and where the warm-up ends
  bool warm_up = false;
  bool open_loop = false;
  std::uint64_t submitted = 0;
  std::uint64_t accepted = 0;
  std::uint64_t refused = 0;   ///< answered with another status
  std::uint64_t receipts = 0;  ///< of messages of this run
  std::uint64_t held = 0;      ///< open loop: left late because every window had been full
  Nanos paused = 0;  ///< this program ran so much later than it wanted to: stopped, or on a
                     ///< machine that was
  LatencySummary latency;
  LatencySummary receipt_latency;
  LatencySummary lateness;  ///< open loop: of those that a window was open for
  Surroundings around;
};

/// Why the second says more about this program than about the server; empty: it does not.
/// Facts and their bounds are in docs/load.md.
std::vector<std::string_view> limits_of(const Second& second);

/// Whether it is part of what is measured: not of the warm-up, not a scrap, and with submits.
bool counts(const Second& second);

}  // namespace ringgate::load
