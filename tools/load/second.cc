#include "load/second.h"

#include <algorithm>

#include "base/units.h"

namespace ringgate::load {

namespace {

// What a reader would take for the server's: a tenth of the latency claimed, above what any timer
// is late by; and a whole millisecond in any case.
constexpr Nanos lateness_of_timers = microseconds(200);
constexpr Nanos lateness_max = milliseconds(1);
constexpr Nanos latency_per_lateness = 10;
constexpr double cpu_full = 0.95;
constexpr double cpu_wait_max = 0.03;
constexpr double steal_max = 0.01;
constexpr double pressure_max = 0.25;
// Shares of less are chance.
constexpr Nanos size_min = milliseconds(200);

bool is_late(const Second& second) {
  const Nanos late = second.lateness.p99;
  return late > lateness_max ||
         late > std::max(lateness_of_timers, second.latency.p99 / latency_per_lateness);
}

}  // namespace

std::vector<std::string_view> limits_of(const Second& second) {
  std::vector<std::string_view> out;
  const bool late = is_late(second);
  const Surroundings& around = second.around;
  if (late) out.push_back("late sends");
  // In an open loop a full CPU harms nobody who is in time; in a closed one it is the limit.
  if (second.paused != 0) out.push_back("paused");
  if (around.client_cpu > cpu_full && (late || !second.open_loop)) out.push_back("CPU full");
  if (around.cpu_wait > cpu_wait_max) out.push_back("CPU taken");
  if (around.steal > steal_max) out.push_back("steal");
  if (around.pressure > pressure_max) out.push_back("CPU pressure");
  if (around.throttled != 0) out.push_back("throttled");
  return out;
}

bool counts(const Second& second) {
  return !second.warm_up && second.size >= size_min && second.submitted != 0;
}

}  // namespace ringgate::load
