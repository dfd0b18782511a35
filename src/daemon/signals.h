// Signals as something to wait for, instead of handlers that interrupt.
#pragma once

#include <csignal>

namespace ringgate {

/// Blocks SIGINT, SIGTERM, SIGHUP and SIGPIPE. Construct it in the main thread before any other
/// thread starts, since those inherit the mask: a signal then reaches nobody but wait(). SIGPIPE is
/// blocked for the sake of writes to a closed pipe or socket, which fail with EPIPE instead; wait()
/// never returns it. The mask outlives the object, because threads that inherited it may do so too.
class Signals {
 public:
  Signals();
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

  /// Sent by the process to itself to end wait().
  static constexpr int wake = SIGUSR2;

  /// Waits for SIGINT, SIGTERM, SIGHUP or `wake` and returns its number. One thread at a time.
  int wait();
  /// Ends a wait() on another thread, or the next one. Any thread.
  static void end_wait();

 private:
  sigset_t awaited_;
};

}  // namespace ringgate
