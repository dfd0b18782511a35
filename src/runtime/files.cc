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

Result<void> write_file(const std::string& directory, const std::string& name,
                        std::string_view text) {
  const std::string path = directory + "/" + name, fresh = path + ".new";
  unlink(fresh.c_str());
  const int fd = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) return error_of(fresh, errno);
  int number = 0;
  while (number == 0 && !text.empty()) {
    const ssize_t written = write(fd, text.data(), text.size());
    if (written > 0)
      text.remove_prefix(static_cast<std::size_t>(written));
    else if (written == 0)
      number = ENOSPC;
    else if (errno != EINTR)
      number = errno;
  }
  if (number == 0 && fsync(fd) != 0) number = errno;
  close(fd);
  if (number == 0 && rename(fresh.c_str(), path.c_str()) != 0) number = errno;
  if (number != 0) return error_of(path, number);
  return sync_directory(directory);
}

}  // namespace ringgate::runtime
