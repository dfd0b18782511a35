#include "runtime/data_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <utility>

#include "runtime/files.h"

namespace ringgate::runtime {

DataLock::~DataLock() {
  if (file_ >= 0) close(file_);
  if (directory_ >= 0) close(directory_);
}

DataLock::DataLock(DataLock&& other) noexcept
    : directory_(std::exchange(other.directory_, -1)), file_(std::exchange(other.file_, -1)) {}

DataLock& DataLock::operator=(DataLock&& other) noexcept {
  std::swap(directory_, other.directory_);
  std::swap(file_, other.file_);
  return *this;
}

Result<DataLock> DataLock::take(const std::string& data_dir) {
  const std::string name = "node.data_dir " + data_dir;
  const Error busy{ErrorCode::busy, EWOULDBLOCK, name + " is in use by another server"};
  DataLock lock;
  // The directory first, so that whoever is refused leaves no new file behind.
  lock.directory_ = ::open(data_dir.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (lock.directory_ < 0) return error_of(name, errno);
  if (flock(lock.directory_, LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) return busy;
    // NFS locks only what is open for writing, which a directory never is: the file has to do.
    if (errno != EBADF) return error_of(name, errno);
  }
  const std::string path = data_dir + "/lock";
  lock.file_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640);
  if (lock.file_ < 0) return error_of(path, errno);
  if (flock(lock.file_, LOCK_EX | LOCK_NB) != 0)
    return errno == EWOULDBLOCK ? busy : error_of(path, errno);
  return lock;
}

}  // namespace ringgate::runtime
