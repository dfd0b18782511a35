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

}  // namespace ringgate::uring
