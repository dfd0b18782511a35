// What newer kernels offer and liburing 2.3, the one Debian 12 ships, does not name.
//
// The values are the kernel's (include/uapi/linux/io_uring.h); a newer liburing defines them
// itself, as macros or as enumerators, and both agree with ours. Enumerators cannot be seen by the
// preprocessor, so those get names of our own.
#pragma once

#include <liburing.h>

#include <cstddef>

/// Linux 6.10: one completion may span several provided buffers, which follow each other in ring
/// order.
#ifndef IORING_RECVSEND_BUNDLE
#define IORING_RECVSEND_BUNDLE (1U << 4)
#endif

/// Linux 6.12: more data follows in the same incremental buffer. Seen only with incremental
/// buffers, which we do not use.
#ifndef IORING_CQE_F_BUF_MORE
#define IORING_CQE_F_BUF_MORE (1U << 4)
#endif

#ifndef IORING_FEAT_RECVSEND_BUNDLE
#define IORING_FEAT_RECVSEND_BUNDLE (1U << 14)
#endif

#ifndef IORING_FEAT_MIN_TIMEOUT
#define IORING_FEAT_MIN_TIMEOUT (1U << 15)
#endif

#ifndef IORING_FEAT_NO_IOWAIT
#define IORING_FEAT_NO_IOWAIT (1U << 17)
#endif

/// Linux 6.15: a waiting ring does not count as I/O wait, so an idle server does not look like a
/// stuck disk.
#ifndef IORING_ENTER_NO_IOWAIT
#define IORING_ENTER_NO_IOWAIT (1U << 7)
#endif

namespace ringgate::uring {

// io_uring_getevents_arg calls its third field `pad` in old headers and `min_wait_usec` in new
// ones. Ours has the same layout and one name; io_uring_enter takes the size, not the type.
struct GeteventsArg {
  __u64 sigmask;
  __u32 sigmask_sz;
  __u32 min_wait_usec;
  __u64 ts;
};

static_assert(sizeof(GeteventsArg) == sizeof(io_uring_getevents_arg));
static_assert(offsetof(GeteventsArg, sigmask_sz) == offsetof(io_uring_getevents_arg, sigmask_sz));
static_assert(offsetof(GeteventsArg, ts) == offsetof(io_uring_getevents_arg, ts));
static_assert(sizeof(GeteventsArg) == 24);
static_assert(sizeof(io_uring_sqe) == 64);
static_assert(sizeof(io_uring_cqe) == 16);
static_assert(sizeof(io_uring_buf) == 16);
static_assert(sizeof(io_uring_buf_reg) == 40);
static_assert(sizeof(__kernel_timespec) == 16);

}  // namespace ringgate::uring
