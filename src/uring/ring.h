// One io_uring, as one thread uses it: collect submissions, enter the kernel once per turn, drain
// the completions.
#pragma once

#include <ringgate/types.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "base/result.h"
#include "uring/capabilities.h"
#include "uring/uring_compat.h"
#include "uring/user_data.h"

namespace ringgate::uring {

/// Running totals since the ring was made. Written by the ring's thread only.
struct RingCounters {
  std::uint64_t enters = 0;       ///< io_uring_enter system calls
  std::uint64_t submitted = 0;    ///< submissions the kernel took
  std::uint64_t completions = 0;  ///< completions handed to drain()'s function
  std::uint64_t overflows = 0;    ///< enters that found the completion queue overflown
};

/// A ring and the one system call that drives it.
///
/// Everything, make() and the destructor included, belongs on one thread: the kernel refuses
/// submissions from any other (SINGLE_ISSUER). Only fd() may be used elsewhere, as the target of a
/// doorbell. The destructor may also run on another thread once the ring's own has ended.
///
/// A turn is: drain(), decide, sqe() + prep_*(), enter().
class Ring {
 public:
  /// Makes a ring for the calling thread. The kernel rounds both sizes up to powers of two and
  /// clamps them to its limits. cq_entries must hold the largest burst between two drains: an
  /// overflown queue is slow, and ends multishot operations. Fails as probe() does.
  [[nodiscard]] static Result<std::unique_ptr<Ring>> make(const Capabilities& capabilities,
                                                          unsigned sq_entries, unsigned cq_entries);
  ~Ring();
  Ring(const Ring&) = delete;
  Ring& operator=(const Ring&) = delete;

  /// An empty submission, never null: submits what is queued if the queue is full. Fill it with one
  /// prep_* call before the next call of sqe() or enter(); the kernel copies everything but data
  /// buffers when it is submitted.
  io_uring_sqe* sqe();

  /// Submits everything queued, runs the kernel's deferred work, and waits until `wait_count`
  /// completions are ready or `timeout` has passed; 0 does not wait, `never` waits without end.
  /// Once `min_wait` nanoseconds have passed (0 = off), a single completion ends the wait, which
  /// lets a busy loop collect a batch without delaying a quiet one for long.
  ///
  /// Returns early whenever the kernel likes (signals, a full queue, no memory): treat it as "look
  /// again", not as a promise. Makes no system call if there is nothing to submit, to wait for, or
  /// to run.
  void enter(Nanos timeout, unsigned wait_count = 1, Nanos min_wait = 0);

  /// Calls f(const io_uring_cqe&) for each ready completion, in order; the reference is good during
  /// the call. f may call sqe(). Returns how many there were. Bounded: completions that f itself
  /// provokes are seen a few rounds at most.
  template <class F>
  unsigned drain(F&& f);

  /// Completions ready for drain(), without a system call.
  unsigned ready() const;

  /// Whether drain() after enter(0) would find something, as far as is known here: without a system
  /// call.
  bool has_work() const { return ready() != 0 || has_kernel_work(); }
  /// Looks until has_work(), and keeps the CPU busy meanwhile; false when `until` (monotonic) has
  /// come before that.
  bool finds_work(Nanos until) const;
  /// Makes that eventfd readable whenever there may be work. Polling fd() instead is not enough:
  /// with deferred completions the kernel (6.18) wakes nobody who polls it, only who waits in
  /// enter(). The caller closes it after the ring.
  [[nodiscard]] bool signal(int eventfd);

  const RingCounters& counters() const { return counters_; }
  const Capabilities& capabilities() const { return capabilities_; }

  /// The ring's descriptor: the target of prep_msg_ring() on another ring. Valid as long as the
  /// ring.
  int fd() const { return ring_.ring_fd; }

 private:
  friend class BufferRing;

  // How often drain() looks for completions that arrived while it ran, and how many it takes before
  // telling the kernel.
  static constexpr unsigned drain_rounds_max = 4;
  static constexpr unsigned drain_batch = 64;
  // The kernel runs some twenty pieces of deferred work a call (6.18). Of more that waits, so many
  // calls' worth is run in one enter(): or else what one connection says stands in line behind the
  // ends of thousands, twenty a turn.
  static constexpr unsigned more_work_max = 16;

  explicit Ring(const Capabilities& capabilities);

  unsigned publish_submissions();
  bool has_kernel_work() const;
  void run_more_work();
  void wait_in_two_steps(unsigned to_submit, Nanos timeout, unsigned wait_count, Nanos min_wait);
  void wait(unsigned to_submit, Nanos timeout, unsigned wait_count, Nanos min_wait);
  int enter_kernel(unsigned to_submit, unsigned wait_count, unsigned flags,
                   const GeteventsArg* argument);

  io_uring ring_{};
  Capabilities capabilities_;
  RingCounters counters_;
  unsigned enter_flags_ = 0;
  int owner_thread_ = 0;
};

template <class F>
unsigned Ring::drain(F&& f) {
  const unsigned mask = ring_.cq.ring_mask;
  unsigned head = *ring_.cq.khead;
  unsigned drained = 0;
  for (unsigned round = 0; round < drain_rounds_max; ++round) {
    // Pairs with the kernel's release of the tail: the entries below it are complete.
    const unsigned tail = io_uring_smp_load_acquire(ring_.cq.ktail);
    if (head == tail) break;
    while (head != tail) {
      f(static_cast<const io_uring_cqe&>(ring_.cq.cqes[head & mask]));
      ++head;
      // Room is given back in the middle of a long batch, because f may submit and the kernel then
      // completes inline.
      if (++drained % drain_batch == 0) io_uring_smp_store_release(ring_.cq.khead, head);
    }
    io_uring_smp_store_release(ring_.cq.khead, head);
  }
  counters_.completions += drained;
  return drained;
}

inline unsigned Ring::ready() const {
  return io_uring_smp_load_acquire(ring_.cq.ktail) - *ring_.cq.khead;
}

// Fillers for a submission. `ud`, a UserData or its packed form, comes back as the
// completion's user_data. Memory passed by pointer must stay until the
// completion, except addresses and other arguments, which the kernel copies on submission.

/// Does nothing and completes with 0.
inline void prep_nop(io_uring_sqe* sqe, std::uint64_t ud) {
  io_uring_prep_nop(sqe);
  sqe->user_data = ud;
}

/// One completion per accepted connection (res = its descriptor) until one comes without
/// IORING_CQE_F_MORE. The sockets are left blocking: on a non-blocking one the kernel would answer
/// EAGAIN instead of waiting for data.
inline void prep_accept_multishot(io_uring_sqe* sqe, int fd, std::uint64_t ud) {
  io_uring_prep_multishot_accept(sqe, fd, nullptr, nullptr, SOCK_CLOEXEC);
  sqe->user_data = ud;
}

/// One completion per arrival, its bytes in buffers of `buffer_group`
/// (BufferRing::for_each_buffer), until one comes without IORING_CQE_F_MORE: end of stream (0), an
/// error, or an empty buffer ring, which shows as ENOBUFS or, with bundles, as the missing flag
/// alone. Re-arm because of the flag, and only after buffers were published: on an empty ring it
/// fails at once. `bundle` needs the capability. `poll_first` skips the first attempt to read,
/// right for a socket that is idle.
inline void prep_recv_multishot(io_uring_sqe* sqe, int fd, std::uint16_t buffer_group, bool bundle,
                                bool poll_first, std::uint64_t ud) {
  io_uring_prep_recv_multishot(sqe, fd, nullptr, 0, 0);
  sqe->flags = IOSQE_BUFFER_SELECT;
  sqe->buf_group = buffer_group;
  unsigned flags = sqe->ioprio;
  if (bundle) flags |= IORING_RECVSEND_BUNDLE;
  if (poll_first) flags |= IORING_RECVSEND_POLL_FIRST;
  sqe->ioprio = static_cast<std::uint16_t>(flags);
  sqe->user_data = ud;
}

/// One arrival in one buffer of `buffer_group`, and no more until it is armed again.
inline void prep_recv_one(io_uring_sqe* sqe, int fd, std::uint16_t buffer_group, std::uint64_t ud) {
  io_uring_prep_recv(sqe, fd, nullptr, 0, 0);
  sqe->flags = IOSQE_BUFFER_SELECT;
  sqe->buf_group = buffer_group;
  sqe->user_data = ud;
}

/// Fills `to`, which stays where it is meanwhile; less (res) where the connection ends.
inline void prep_recv_whole(io_uring_sqe* sqe, int fd, std::span<std::uint8_t> to,
                            std::uint64_t ud) {
  io_uring_prep_recv(sqe, fd, to.data(), to.size(), MSG_WAITALL);
  sqe->user_data = ud;
}

/// Sends all of `bytes` (res = how much of it; less is possible, and then the rest must be sent
/// again). At most one send per socket may be in flight: the kernel does not keep the order of two.
inline void prep_send(io_uring_sqe* sqe, int fd, Octets bytes, std::uint64_t ud) {
  io_uring_prep_send(sqe, fd, bytes.data(), bytes.size(), MSG_WAITALL | MSG_NOSIGNAL);
  sqe->user_data = ud;
}

/// Rings another ring's doorbell: a completion with `ud_there` and res 0 appears there, one with
/// `ud_here` here, which tells whether it worked. Keep one outstanding per target, or the target's
/// queue can overflow.
inline void prep_msg_ring(io_uring_sqe* sqe, int target_ring_fd, std::uint64_t ud_here,
                          std::uint64_t ud_there) {
  io_uring_prep_msg_ring(sqe, target_ring_fd, 0, ud_there, 0);
  sqe->user_data = ud_here;
}

/// Cancels the operations submitted with `target`. They complete by themselves, with ECANCELED or
/// their result.
inline void prep_cancel(io_uring_sqe* sqe, std::uint64_t target, std::uint64_t ud) {
  io_uring_prep_cancel64(sqe, target, IORING_ASYNC_CANCEL_ALL);
  sqe->user_data = ud;
}

/// Cancels every operation on `fd`. They complete by themselves; close the descriptor after the
/// last has.
inline void prep_cancel_fd(io_uring_sqe* sqe, int fd, std::uint64_t ud) {
  io_uring_prep_cancel_fd(sqe, fd, IORING_ASYNC_CANCEL_ALL);
  sqe->user_data = ud;
}

inline void prep_close(io_uring_sqe* sqe, int fd, std::uint64_t ud) {
  io_uring_prep_close(sqe, fd);
  sqe->user_data = ud;
}

/// Reads up to buffer.size() octets at the file's position: for eventfds, signalfds and pipes.
inline void prep_read(io_uring_sqe* sqe, int fd, std::span<std::uint8_t> buffer, std::uint64_t ud) {
  constexpr __u64 current_position = ~__u64{0};
  io_uring_prep_read(sqe, fd, buffer.data(), static_cast<unsigned>(buffer.size()),
                     current_position);
  sqe->user_data = ud;
}

/// Writes all of `bytes` at `offset` of a file (res = how much of it). What makes it durable is how
/// the file was opened.
inline void prep_write_at(io_uring_sqe* sqe, int fd, Octets bytes, std::uint64_t offset,
                          std::uint64_t ud) {
  io_uring_prep_write(sqe, fd, bytes.data(), static_cast<unsigned>(bytes.size()), offset);
  sqe->user_data = ud;
}

/// Reads up to buffer.size() octets from `offset` of a file.
inline void prep_read_at(io_uring_sqe* sqe, int fd, std::span<std::uint8_t> buffer,
                         std::uint64_t offset, std::uint64_t ud) {
  io_uring_prep_read(sqe, fd, buffer.data(), static_cast<unsigned>(buffer.size()), offset);
  sqe->user_data = ud;
}

/// Connects `fd`; completes with 0 or a negative errno. The address is copied on submission.
inline void prep_connect(io_uring_sqe* sqe, int fd, const sockaddr* address, socklen_t address_size,
                         std::uint64_t ud) {
  io_uring_prep_connect(sqe, fd, address, address_size);
  sqe->user_data = ud;
}

/// `how` as in shutdown(2): SHUT_RD, SHUT_WR or SHUT_RDWR.
inline void prep_shutdown(io_uring_sqe* sqe, int fd, int how, std::uint64_t ud) {
  io_uring_prep_shutdown(sqe, fd, how);
  sqe->user_data = ud;
}

}  // namespace ringgate::uring
