// How many descriptors a server needs, and whether this process may open so many.
#pragma once

#include <cstdint>

#include <ringgate/options.h>

#include "base/result.h"

namespace ringgate::runtime {

/// At most open at once, as a sum with one term per holder. Whatever else the program around the
/// server opens comes on top.
std::uint64_t descriptors_needed(const Options& options, unsigned shard_count);

/// One line for the operator when the soft limit is below that.
Result<void> check_descriptors(const Options& options, unsigned shard_count);

}  // namespace ringgate::runtime
