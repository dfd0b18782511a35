// Where threads of this program run, and how long at a time.
#pragma once

#include <vector>

namespace ringgate::load {

/// This thread runs on that CPU only from now on; false: it may not.
bool run_on(unsigned cpu);
/// This thread keeps away from those CPUs; false: there is no other one.
bool run_elsewhere(const std::vector<unsigned>& cpus);

/// A long time slice for this thread, from Linux 6.12 on; elsewhere nothing. Others then have the
/// shorter one and may run as soon as they wake up: a thread that paces never sleeps at high rates,
/// and a kernel worker of the disk whose interrupts arrive on this CPU would wait for the end of
/// its slice with every durable write of the server.
void take_long_slices();

}  // namespace ringgate::load
