// What the kernel tells of the CPU this program runs on, second by second.
#pragma once

#include <ringgate/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "load/second.h"

namespace ringgate::load {

/// Counters of the kernel that only grow.
struct MachineCounters {
  Nanos cpu = 0;                             ///< of this thread
  Nanos cpu_wait = 0;                        ///< of this thread: could have run
  std::uint64_t ticks = 0, steal_ticks = 0;  ///< of its CPU, or of all
  Nanos pressure = 0;
  std::uint64_t throttled = 0;
};

// Read from the texts of /proc; what they do not say stays as it is.

/// /proc/stat; the line of `cpu`, or that of all.
void read_stat(std::string_view text, std::optional<unsigned> cpu, MachineCounters& to);
/// /proc/self/schedstat.
void read_schedstat(std::string_view text, MachineCounters& to);
/// /proc/pressure/cpu.
void read_pressure(std::string_view text, MachineCounters& to);
/// cpu.stat of a control group.
void read_cgroup_stat(std::string_view text, MachineCounters& to);

/// Between two looks, `size` apart.
Surroundings between(const MachineCounters& before, const MachineCounters& after, Nanos size);

/// Of the thread that makes it.
class MachineWatch {
 public:
  /// `cpu`: the only one it runs on.
  explicit MachineWatch(std::optional<unsigned> cpu);

  /// Since the last look, or since this was made. `unused`: of this thread's CPU time until now,
  /// what it only waited in.
  Surroundings look(Nanos now, Nanos unused);

 private:
  MachineCounters read(Nanos unused) const;

  const std::optional<unsigned> cpu_;
  const std::string cgroup_stat_;
  MachineCounters before_;
  Nanos at_;
};

}  // namespace ringgate::load
