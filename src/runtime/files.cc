#include "runtime/files.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace ringgate::runtime {

Error error_of(const std::string& what, int number) {
  const ErrorCode code = number == EACCES || number == EPERM ? ErrorCode::permission
                         : number == ENOSPC                  ? ErrorCode::full
                                                             : ErrorCode::io;
  return {code, number, what + ": " + std::strerror(number)};
}

Result<void> sync_directory(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return error_of(path, errno);
  const int result = fsync(fd);
  const int number = errno;
  close(fd);
  if (result != 0) return error_of(path, number);
  return {};
}

}  // namespace ringgate::runtime
