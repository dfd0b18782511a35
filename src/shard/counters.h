// A shard's statistics: written by its own thread, read by anyone.
#pragma once

#include <ringgate/counters.h>

#include "base/counter.h"

namespace ringgate {

/// What is no shard's stays 0 here.
struct alignas(128) ShardCounters : CountersOf<Counter> {
  Counter turn_work_max;
  Counter turn_wait_max;
  Counter tx_on_heap_max;
};

}  // namespace ringgate
