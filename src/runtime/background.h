// Threads beside the shards, for work that costs as much as hundreds of messages.
#pragma once

#include <sys/resource.h>

namespace ringgate::runtime {

/// The calling thread gives way to shards that share its CPU: a flood of those who want to be bound
/// must not take it from those who are. On Linux this is about that thread alone; where it does not
/// work things go on, less well.
inline void work_in_background() {
  constexpr int niceness = 10;
  setpriority(PRIO_PROCESS, 0, niceness);
}

}  // namespace ringgate::runtime
