// What the options have to fit to.
#pragma once

#include <vector>

namespace ringgate {

struct Machine {
  std::vector<unsigned> cpus;  ///< those that exist, ascending; which are allowed is another matter
};

/// The machine that this runs on. Reads files; any thread.
Machine this_machine();

}  // namespace ringgate
