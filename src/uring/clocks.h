// What time it is, for whoever runs a ring: pure code is told.
#pragma once

#include <time.h>

#include <ringgate/types.h>

#include "base/units.h"

namespace ringgate::uring {

/// Both clocks, now. Any thread.
inline Now read_clocks() {
  timespec mono, wall;
  clock_gettime(CLOCK_MONOTONIC, &mono);
  clock_gettime(CLOCK_REALTIME_COARSE, &wall);
  return {seconds(mono.tv_sec) + mono.tv_nsec, wall.tv_sec};
}

/// How long this thread has run, on any CPU. A system call.
inline Nanos thread_cpu_time() {
  timespec time;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return seconds(time.tv_sec) + time.tv_nsec;
}

}  // namespace ringgate::uring
