#include "uring/ring.h"

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>

#include "base/assert.h"
#include "base/units.h"
#include "uring/clocks.h"

namespace ringgate::uring {

namespace {

// How often sqe() tries to submit when the kernel has no memory for requests, yielding in between.
// Each try lasts at least a microsecond, so this is a stall nobody overlooks; going on without the
// submission would lose a connection silently.
constexpr unsigned submit_tries_max = 100'000;

unsigned setup_flags(const Capabilities& capabilities) {
  unsigned flags = IORING_SETUP_COOP_TASKRUN | IORING_SETUP_TASKRUN_FLAG | IORING_SETUP_SUBMIT_ALL |
                   IORING_SETUP_CLAMP | IORING_SETUP_CQSIZE;
  // SINGLE_ISSUER without DEFER_TASKRUN measured slower than neither.
  if (capabilities.single_issuer && capabilities.defer_taskrun)
    flags |= IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN;
  return flags;
}

__kernel_timespec timespec_of(Nanos duration) {
  __kernel_timespec result{};
  result.tv_sec = duration / seconds(1);
  result.tv_nsec = duration % seconds(1);
  return result;
}

/// Of a thread that only looks: what shares its core may have the rest of it.
void let_sibling_run() {
#ifdef __x86_64__
  __builtin_ia32_pause();
#endif
}

// Errors of io_uring_enter after which the next turn simply looks again.
bool is_ordinary(int error) {
  return error == EINTR || error == ETIME || error == EAGAIN || error == EBUSY;
}

}  // namespace

Ring::Ring(const Capabilities& capabilities) : capabilities_(capabilities) {}

Result<std::unique_ptr<Ring>> Ring::make(const Capabilities& capabilities, unsigned sq_entries,
                                         unsigned cq_entries) {
  ASSERT(sq_entries > 0);
  ASSERT(cq_entries >= sq_entries);
  std::unique_ptr<Ring> ring(new Ring(capabilities));

  io_uring_params params{};
  params.flags = setup_flags(capabilities);
  params.cq_entries = cq_entries;
  ring->ring_.ring_fd = -1;
  const int result = io_uring_queue_init_params(sq_entries, &ring->ring_, &params);
  if (result < 0) {
    ring->ring_.ring_fd = -1;
    return setup_error(-result, io_uring_disabled_sysctl(), capabilities.kernel);
  }

  ring->owner_thread_ = gettid();
  ring->enter_flags_ = IORING_ENTER_GETEVENTS;
  if (capabilities.no_iowait) ring->enter_flags_ |= IORING_ENTER_NO_IOWAIT;
  // The descriptor table is shared with all other shards; a registered ring spares each enter its
  // reference count. It is an optimisation only, so a refusal (too many rings on this thread) is no
  // error.
  if (io_uring_register_ring_fd(&ring->ring_) == 1)
    ring->enter_flags_ |= IORING_ENTER_REGISTERED_RING;
  return ring;
}

Ring::~Ring() {
  if (ring_.ring_fd < 0) return;
  // The registration belongs to the thread that made it and ended with it. Taking it back from
  // another thread would take back that thread's own.
  if (gettid() != owner_thread_) ring_.int_flags = 0;
  io_uring_queue_exit(&ring_);
}

io_uring_sqe* Ring::sqe() {
  for (unsigned tries = 0; tries < submit_tries_max; ++tries) {
    io_uring_sqe* free_entry = io_uring_get_sqe(&ring_);
    if (free_entry != nullptr) [[likely]]
      return free_entry;
    // Without GETEVENTS: completions are queued, not run here, so that the caller's state cannot
    // change under its feet.
    const unsigned to_submit = publish_submissions();
    const int result =
        enter_kernel(to_submit, 0, enter_flags_ & IORING_ENTER_REGISTERED_RING, nullptr);
    if (result < 0) sched_yield();
  }
  constexpr bool kernel_has_memory_for_submissions = false;
  ASSERT(kernel_has_memory_for_submissions);
  return nullptr;
}

void Ring::enter(Nanos timeout, unsigned wait_count, Nanos min_wait) {
  ASSERT(timeout >= 0);
  ASSERT(min_wait >= 0);
  const unsigned to_submit = publish_submissions();
  if ((IO_URING_READ_ONCE(*ring_.sq.kflags) & IORING_SQ_CQ_OVERFLOW) != 0) ++counters_.overflows;

  if (timeout == 0 || wait_count == 0) {
    if (to_submit == 0 && !has_kernel_work()) return;
    enter_kernel(to_submit, 0, enter_flags_, nullptr);
  } else if (min_wait == 0 || wait_count == 1 || min_wait >= timeout) {
    wait(to_submit, timeout, wait_count, 0);
  } else if (capabilities_.min_wait) {
    wait(to_submit, timeout, wait_count, min_wait);
  } else {
    wait_in_two_steps(to_submit, timeout, wait_count, min_wait);
  }
  run_more_work();
}

void Ring::run_more_work() {
  for (unsigned i = 0; i < more_work_max && has_kernel_work(); ++i) {
    if (enter_kernel(0, 0, enter_flags_, nullptr) < 0) return;
  }
}

unsigned Ring::publish_submissions() {
  // The kernel reads the tail on this very thread (there is no SQPOLL), so the release orders
  // nothing in practice.
  io_uring_sq& sq = ring_.sq;
  if (sq.sqe_head != sq.sqe_tail) {
    sq.sqe_head = sq.sqe_tail;
    io_uring_smp_store_release(sq.ktail, sq.sqe_tail);
  }
  return sq.sqe_tail - *sq.khead;
}

bool Ring::signal(int eventfd) { return io_uring_register_eventfd(&ring_, eventfd) == 0; }

bool Ring::has_kernel_work() const {
  const unsigned flags = IO_URING_READ_ONCE(*ring_.sq.kflags);
  return (flags & (IORING_SQ_TASKRUN | IORING_SQ_CQ_OVERFLOW)) != 0;
}

bool Ring::finds_work(Nanos until) const {
  while (!has_work()) {
    if (read_clocks().mono >= until) return false;
    let_sibling_run();
  }
  return true;
}

// The minimal wait of older kernels: first for the batch, then for anything at all.
void Ring::wait_in_two_steps(unsigned to_submit, Nanos timeout, unsigned wait_count,
                             Nanos min_wait) {
  wait(to_submit, min_wait, wait_count, 0);
  if (ready() > 0) return;
  wait(publish_submissions(), timeout == never ? never : timeout - min_wait, 1, 0);
}

void Ring::wait(unsigned to_submit, Nanos timeout, unsigned wait_count, Nanos min_wait) {
  // More completions than the queue holds can never be ready at once.
  wait_count = std::min(wait_count, ring_.cq.ring_entries);
  if (timeout == never && min_wait == 0) {
    enter_kernel(to_submit, wait_count, enter_flags_, nullptr);
    return;
  }
  __kernel_timespec timespec{};
  GeteventsArg argument{};
  if (timeout != never) {
    timespec = timespec_of(timeout);
    argument.ts = reinterpret_cast<std::uintptr_t>(&timespec);
  }
  // The kernel counts in whole microseconds; rounding up keeps a short wait from becoming none.
  argument.min_wait_usec = static_cast<__u32>((min_wait + 999) / 1000);
  enter_kernel(to_submit, wait_count, enter_flags_ | IORING_ENTER_EXT_ARG, &argument);
}

int Ring::enter_kernel(unsigned to_submit, unsigned wait_count, unsigned flags,
                       const GeteventsArg* argument) {
  ++counters_.enters;
  // With EXT_ARG the last pointer is a GeteventsArg, whatever liburing declares it to be; without,
  // it is a signal mask.
  const int result =
      io_uring_enter2(static_cast<unsigned>(ring_.enter_ring_fd), to_submit, wait_count, flags,
                      reinterpret_cast<sigset_t*>(const_cast<GeteventsArg*>(argument)),
                      argument != nullptr ? sizeof *argument : static_cast<std::size_t>(_NSIG / 8));
  if (result > 0) counters_.submitted += static_cast<unsigned>(result);
  // Anything else (EBADR: completions were lost for want of memory; EBADF, EFAULT: we are wrong)
  // cannot be survived with the connections intact.
  if (result < 0) ASSERT(is_ordinary(-result));
  return result;
}

}  // namespace ringgate::uring
