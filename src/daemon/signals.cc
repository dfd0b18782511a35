#include "daemon/signals.h"

#include <pthread.h>
#include <unistd.h>

#include <cstring>
#include <initializer_list>

namespace ringgate {
namespace {

/// Sent by the process to itself. A real-time signal, because several of another kind count as one,
/// and anybody may send those.
int own_signal() { return SIGRTMIN; }

}  // namespace

Signals::Signals() {
  sigemptyset(&awaited_);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2, own_signal()})
    sigaddset(&awaited_, signal);
  sigset_t blocked = awaited_;
  sigaddset(&blocked, SIGPIPE);
  // A file size limit is an error of the write, which is told as one.
  sigaddset(&blocked, SIGXFSZ);
  // Fails only for an invalid first argument.
  pthread_sigmask(SIG_BLOCK, &blocked, nullptr);
}

int Signals::wait(std::chrono::seconds most) {
  siginfo_t info;
  // The kernel gives the lowest number first, which is SIGHUP's: many of those must not hide an
  // end.
  sigset_t ends;
  sigemptyset(&ends);
  for (const int one : {SIGINT, SIGTERM, own_signal()}) sigaddset(&ends, one);
  const timespec at_once{};
  int signal = sigtimedwait(&ends, &info, &at_once);
  const auto until = std::chrono::steady_clock::now() + most;
  // Otherwise it is EINTR: a stop and continue, or a debugger.
  while (signal < 0) {
    const auto left = until - std::chrono::steady_clock::now();
    if (left.count() <= 0) return late;
    const auto left_s = std::chrono::duration_cast<std::chrono::seconds>(left);
    const timespec time{left_s.count(), (left - left_s).count()};
    signal = sigtimedwait(&awaited_, &info, &time);
  }
  return signal == own_signal() && info.si_pid == getpid() ? wake : signal;
}

void Signals::end_wait() { kill(getpid(), own_signal()); }

std::string Signals::name_of(int signal) {
  const char* const name = sigabbrev_np(signal);
  return name == nullptr ? "signal " + std::to_string(signal) : std::string("SIG") + name;
}

}  // namespace ringgate
