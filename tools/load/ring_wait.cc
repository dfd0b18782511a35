#include "load/ring_wait.h"

#include <algorithm>

#include "uring/clocks.h"

namespace ringgate::load {

void RingWait::wait(Nanos now, Nanos until) {
  if (busy_poll_ == 0 || until <= now) return ring_.enter(std::max<Nanos>(until - now, 0));
  // What is to be sent is sent first.
  ring_.enter(0);
  const Nanos used = uring::thread_cpu_time();
  const bool found = ring_.finds_work(std::min(until, uring::read_clocks().mono + busy_poll_));
  looked_ += uring::thread_cpu_time() - used;
  ring_.enter(found ? 0 : std::max<Nanos>(until - uring::read_clocks().mono, 0));
}

}  // namespace ringgate::load
