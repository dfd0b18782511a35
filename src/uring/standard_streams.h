// The three descriptors that every program expects.
#pragma once

#include <fcntl.h>
#include <unistd.h>

namespace ringgate::uring {

/// Opens /dev/null for each of standard input, output and error that whoever started this program
/// has closed. Or else the next files and sockets would be these, and what is meant for people be
/// written to them. Before anything else is opened.
inline void open_standard_streams() {
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd) {
    // The lowest free number is the one that is missing.
    if (fcntl(fd, F_GETFD) < 0) (void)!open("/dev/null", O_RDWR);
  }
}

}  // namespace ringgate::uring
