#include "load/placement.h"

#include <sched.h>

namespace ringgate::load {

bool run_on(unsigned cpu) {
  cpu_set_t cpus;
  CPU_ZERO(&cpus);
  CPU_SET(cpu, &cpus);
  return sched_setaffinity(0, sizeof cpus, &cpus) == 0;
}

bool run_elsewhere(const std::vector<unsigned>& cpus) {
  cpu_set_t others;
  if (sched_getaffinity(0, sizeof others, &others) != 0) return false;
  for (const unsigned cpu : cpus) CPU_CLR(cpu, &others);
  return CPU_COUNT(&others) != 0 && sched_setaffinity(0, sizeof others, &others) == 0;
}

}  // namespace ringgate::load
