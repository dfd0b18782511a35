// What this kernel's io_uring can do, found out once at start by trying.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace ringgate::uring {

/// The optional features. Multishot receive, multishot accept and provided buffer rings (all
/// Linux 6.0) are required and therefore not listed. Clearing a field before Ring::make() makes
/// everything behave as on a kernel without it.
struct Capabilities {
  bool single_issuer =
      false;  ///< IORING_SETUP_SINGLE_ISSUER; used together with defer_taskrun or not at all
  bool defer_taskrun =
      false;  ///< IORING_SETUP_DEFER_TASKRUN (6.1); else completions interrupt the thread
  bool msg_ring = false;   ///< IORING_OP_MSG_RING (5.18); else doorbells are eventfds
  bool bundle = false;     ///< IORING_RECVSEND_BUNDLE (6.10); else one buffer per completion
  bool min_wait = false;   ///< IORING_FEAT_MIN_TIMEOUT (6.12); else Ring::enter() waits twice
  bool no_iowait = false;  ///< IORING_FEAT_NO_IOWAIT (6.15); else an idle shard shows as I/O wait
  std::string kernel;      ///< release, as `uname -r` prints it

  /// One line for people: "io_uring on kernel 6.1.0: single_issuer, defer_taskrun, msg_ring;
  /// without bundle, min_wait, …".
  std::string text() const;

  /// These without what `mask` leaves out: "none" of the optional features stays, "6.1" leaves what
  /// that release of Linux has, "bundle, min_wait" leaves these two out, and "" nothing. Fails when
  /// it names something else.
  [[nodiscard]] Result<Capabilities> masked(std::string_view mask) const;
};

/// Masks what probe() finds, so that a new kernel runs the paths of an old one. For tests.
inline constexpr const char* mask_variable = "RINGGATE_URING";

/// Tries the features on a ring of its own, which is gone when this returns, and leaves out what
/// the environment's RINGGATE_URING names. Any thread; takes about a millisecond. Fails when
/// io_uring is forbidden or too old; the error's text is one line that names cause and cure.
[[nodiscard]] Result<Capabilities> probe();

/// The sysctl kernel.io_uring_disabled: 0 = open to all, 1 = one group, 2 = nobody; 0 where it does
/// not exist (before 6.6).
[[nodiscard]] int io_uring_disabled_sysctl();

/// The error for a failed io_uring_setup. `io_uring_disabled` is the sysctl's value, `kernel` the
/// release. Separate from probe() so that every text can be tested on any machine.
[[nodiscard]] Error setup_error(int os_errno, int io_uring_disabled, const std::string& kernel);

}  // namespace ringgate::uring
