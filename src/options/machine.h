// What the options have to fit to.
#pragma once

#include <string>
#include <vector>

namespace ringgate {

struct Machine {
  std::vector<unsigned> cpus;  ///< those that exist, ascending; which are allowed is another matter
  /// What of that path exists and is no directory, so that none can be made there; empty: nothing.
  std::string (*in_the_way)(const std::string& path) = nullptr;
};

/// The machine that this runs on. Reads files; any thread.
Machine this_machine();

}  // namespace ringgate
