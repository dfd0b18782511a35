// How long the kernel lets a thread run at a time.
#pragma once

namespace ringgate::uring {

/// A long time slice for this thread, from Linux 6.12 on; elsewhere nothing. Others then have the
/// shorter one and may run as soon as they wake up: where a thread does not sleep, a kernel worker
/// of the disk whose interrupts arrive on its CPU would wait for the end of its slice, with every
/// durable write.
void take_long_slices();

}  // namespace ringgate::uring
