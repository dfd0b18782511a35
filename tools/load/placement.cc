#include "load/placement.h"

#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>

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

void take_long_slices() {
  struct {
    std::uint32_t size, policy;
    std::uint64_t flags;
    std::int32_t nice;
    std::uint32_t priority;
    std::uint64_t runtime, deadline, period;
  } attributes{};
  attributes.size = sizeof attributes;
  attributes.policy = SCHED_OTHER;
  attributes.nice = getpriority(PRIO_PROCESS, 0);
  attributes.runtime = 10'000'000;  // ns; what is accepted ends at 100 ms
  (void)syscall(SYS_sched_setattr, 0, &attributes, 0);
}

}  // namespace ringgate::load
