// Signals as something to wait for, instead of handlers that interrupt.
#pragma once

#include <chrono>
#include <csignal>
#include <string>

namespace ringgate {

/// Blocks SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2 and SIGPIPE. Construct it in the main thread
/// before any other thread starts, since those inherit the mask: a signal then reaches nobody but
/// wait(). SIGPIPE is blocked for the sake of writes to a closed pipe or socket, which fail with
/// EPIPE instead; wait() never returns it. The mask outlives the object, because threads that
/// inherited it may do so too.
class Signals {
 public:
  Signals();
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

  /// What wait() returns after end_wait(); the number of no signal.
  static constexpr int wake = 0;

  /// What wait() returns when its time is over.
  static constexpr int late = -1;

  /// Waits for one of those signals, so long at the most, and returns its number. One thread at a
  /// time.
  int wait(std::chrono::seconds most);
  /// Ends a wait() on another thread, or the next one. Any thread.
  static void end_wait();

  /// "SIGTERM".
  static std::string name_of(int signal);
  /// Whether the process is to end on it; the others are only told of.
  static bool ends(int signal) { return signal == SIGINT || signal == SIGTERM; }

 private:
  sigset_t awaited_;
};

}  // namespace ringgate
