#include "daemon/pid_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string_view>

namespace ringgate {
namespace {

constexpr std::size_t text_max = 32;

std::string failure(const std::string& path, int error) {
  return "node.pid_file " + path + ": " + std::strerror(error);
}

struct flock whole_file(short type) {
  struct flock lock = {};
  lock.l_type = type;
  lock.l_whence = SEEK_SET;
  return lock;
}

}  // namespace

PidFile::~PidFile() {
  if (fd_ < 0) return;
  // Somebody may have put another one there.
  struct stat mine, there;
  const bool there_still = fstat(fd_, &mine) == 0 && stat(path_.c_str(), &there) == 0 &&
                           mine.st_dev == there.st_dev && mine.st_ino == there.st_ino;
  const bool gone = there_still && unlink(path_.c_str()) == 0;
  // Who has become another user since may not remove it, but leaves no number in it.
  [[maybe_unused]] const bool empty = gone || ftruncate(fd_, 0) == 0;
  close(fd_);
}

std::string PidFile::take(const std::string& path) {
  // Who can read it can lock it, and so keep a server from starting.
  // Where root starts us, a link that somebody has put there must not lead us to another file.
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0600);
  if (fd < 0) return failure(path, errno);
  const std::string why = write_to(fd, path);
  if (!why.empty()) {
    close(fd);
    return why;
  }
  path_ = path;
  fd_ = fd;
  return {};
}

std::string PidFile::write_to(int fd, const std::string& path) {
  struct flock lock = whole_file(F_WRLCK);
  if (fcntl(fd, F_SETLK, &lock) != 0)
    return errno == EAGAIN || errno == EACCES
               ? "node.pid_file " + path + " belongs to a server that runs"
               : failure(path, errno);
  char text[text_max];
  const ssize_t size = pread(fd, text, sizeof text, 0);
  if (size < 0) return failure(path, errno);
  const std::string_view before(text, static_cast<std::size_t>(size));
  if (before.size() == sizeof text || before.find_first_not_of("0123456789\n") != before.npos)
    return "node.pid_file " + path + " is there and holds something else than a process id";
  const std::string mine = std::to_string(getpid()) + "\n";
  if (ftruncate(fd, 0) != 0 ||
      pwrite(fd, mine.data(), mine.size(), 0) != static_cast<ssize_t>(mine.size()))
    return failure(path, errno);
  return {};
}

// Not by what it says: a number that a dead process has left may be anybody's now.
std::string PidFile::find(const std::string& path, pid_t& process) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return failure(path, errno);
  struct flock lock = whole_file(F_RDLCK);
  const int result = fcntl(fd, F_GETLK, &lock);
  const int error = errno;
  close(fd);
  if (result != 0) return failure(path, error);
  if (lock.l_type != F_WRLCK || lock.l_pid <= 1)
    return "no server runs that holds node.pid_file " + path;
  process = lock.l_pid;
  return {};
}

}  // namespace ringgate
