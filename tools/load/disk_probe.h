// Whether this program's CPUs are those on which a disk's writes come to their end.
#pragma once

#include <ringgate/types.h>

#include <string>
#include <vector>

#include "base/result.h"

namespace ringgate::load {

/// What a durable write of 16 KiB takes, in the median.
struct DiskProbe {
  Nanos idle = 0;  ///< while this program does nothing
  Nanos busy = 0;  ///< while it keeps its CPUs busy, as it does when it paces

  /// So much longer that a run would measure this program's place, and not the server.
  bool in_the_way() const { return busy > 3 * idle; }
};

/// Writes a file in `folder`, which has no name, as the server writes its journal, from another CPU
/// than `cpus`; where there is none, from wherever the kernel likes. Takes less than a second on
/// most disks, and about six on slow ones. Threads of its own. Fails with `io` or `invalid`.
[[nodiscard]] Result<DiskProbe> probe_disk(const std::string& folder,
                                           const std::vector<unsigned>& cpus);

}  // namespace ringgate::load
