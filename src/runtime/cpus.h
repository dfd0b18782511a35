// Which CPUs this process may use, and putting a thread on one.
#pragma once

#include <string>
#include <vector>

#include <ringgate/options.h>

#include "base/result.h"

namespace ringgate::runtime {

/// The CPUs in this thread's affinity mask, ascending.
std::vector<unsigned> allowed_cpus();

/// One CPU per shard: `pin` where given, else the allowed CPUs in order (round again where shards
/// outnumber them). Fails with `invalid` when `pin` is too short or names a CPU this process may
/// not use.
Result<std::vector<unsigned>> place_shards(const CoresOptions& cores);

/// Binds the calling thread to one CPU; a refusal costs speed, not correctness, and is ignored.
void pin_thread(unsigned cpu);

}  // namespace ringgate::runtime
