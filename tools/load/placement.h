// Where threads of this program run.
#pragma once

#include <vector>

namespace ringgate::load {

/// This thread runs on that CPU only from now on; false: it may not.
bool run_on(unsigned cpu);
/// This thread keeps away from those CPUs; false: there is no other one.
bool run_elsewhere(const std::vector<unsigned>& cpus);

}  // namespace ringgate::load
