#include "runtime/cpus.h"

#include <sched.h>

#include <algorithm>

#include "message/message_id.h"

namespace ringgate::runtime {

std::vector<unsigned> allowed_cpus() {
  cpu_set_t set;
  CPU_ZERO(&set);
  std::vector<unsigned> out;
  if (sched_getaffinity(0, sizeof set, &set) == 0) {
    for (unsigned cpu = 0; cpu < CPU_SETSIZE; ++cpu)
      if (CPU_ISSET(cpu, &set)) out.push_back(cpu);
  }
  if (out.empty()) out.push_back(0);
  return out;
}

Result<std::vector<unsigned>> place_shards(const CoresOptions& cores) {
  const std::vector<unsigned> allowed = allowed_cpus();
  const std::size_t count =
      cores.shards == 0 ? std::min<std::size_t>(allowed.size(), short_shards_max) : cores.shards;
  if (count > short_shards_max) {
    return Error{ErrorCode::invalid, 0,
                 "cores.shards must be at most " + std::to_string(short_shards_max) +
                     ", which is what a message id of SMPP 3.3 has room for, not " +
                     std::to_string(count)};
  }
  std::vector<unsigned> out;
  if (!cores.pin.empty() && cores.pin.size() < count) {
    return Error{ErrorCode::invalid, 0,
                 "cores.pin names " + std::to_string(cores.pin.size()) + " CPUs for " +
                     std::to_string(count) + " shards"};
  }
  for (std::size_t i = 0; i < count; ++i) {
    const unsigned cpu = cores.pin.empty() ? allowed[i % allowed.size()] : cores.pin[i];
    if (std::find(allowed.begin(), allowed.end(), cpu) == allowed.end()) {
      return Error{ErrorCode::invalid, 0,
                   "cores.pin: CPU " + std::to_string(cpu) + " is not open to this process"};
    }
    out.push_back(cpu);
  }
  return out;
}

void pin_thread(unsigned cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(cpu, &set);
  sched_setaffinity(0, sizeof set, &set);
}

}  // namespace ringgate::runtime
