#include "daemon/signals.h"

#include <pthread.h>
#include <unistd.h>

#include <initializer_list>

namespace ringgate {

Signals::Signals() {
  sigemptyset(&awaited_);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, wake}) sigaddset(&awaited_, signal);
  sigset_t blocked = awaited_;
  sigaddset(&blocked, SIGPIPE);
  // A file size limit is an error of the write, which is told as one.
  sigaddset(&blocked, SIGXFSZ);
  // Fails only for an invalid first argument.
  pthread_sigmask(SIG_BLOCK, &blocked, nullptr);
}

int Signals::wait() {
  // Fails only with EINTR: a stop and continue, or a debugger.
  int signal = -1;
  while (signal < 0) signal = sigwaitinfo(&awaited_, nullptr);
  return signal;
}

void Signals::end_wait() { kill(getpid(), wake); }

}  // namespace ringgate
