#include "runtime/directories.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <memory>

#include "runtime/files.h"

namespace ringgate::runtime {
namespace {

constexpr mode_t directory_mode = 0750;
constexpr mode_t file_mode = 0640;

bool is_directory(int at, const dirent& entry) {
  if (entry.d_type != DT_UNKNOWN && entry.d_type != DT_LNK) return entry.d_type == DT_DIR;
  struct stat status;
  return fstatat(at, entry.d_name, &status, 0) == 0 && S_ISDIR(status.st_mode);
}

/// 0, or the errno.
int write_all(int fd, Octets octets) {
  while (!octets.empty()) {
    const ssize_t written = write(fd, octets.data(), octets.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return written < 0 ? errno : ENOSPC;
    octets = octets.subspan(static_cast<std::size_t>(written));
  }
  return fsync(fd) == 0 ? 0 : errno;
}

}  // namespace

Result<std::vector<Directories::Entry>> Directories::list(const std::string& path) {
  std::vector<Entry> out;
  const std::unique_ptr<DIR, int (*)(DIR*)> directory(opendir(full(path).c_str()), closedir);
  if (directory == nullptr) {
    if (errno == ENOENT || errno == ENOTDIR) return out;
    return error_of(full(path), errno);
  }
  while (true) {
    errno = 0;
    const dirent* const entry = readdir(directory.get());
    if (entry == nullptr) break;
    const std::string_view name = entry->d_name;
    if (name == "." || name == "..") continue;
    out.push_back({std::string(name), is_directory(dirfd(directory.get()), *entry)});
  }
  if (errno != 0) return error_of(full(path), errno);
  return out;
}

Result<void> Directories::make(const std::string& path) {
  if (mkdir(full(path).c_str(), directory_mode) != 0 && errno != EEXIST)
    return error_of(full(path), errno);
  return {};
}

Result<void> Directories::rename(const std::string& from, const std::string& to) {
  if (::rename(full(from).c_str(), full(to).c_str()) != 0) return error_of(full(from), errno);
  return {};
}

Result<void> Directories::remove_file(const std::string& path) {
  if (unlink(full(path).c_str()) != 0 && errno != ENOENT) return error_of(full(path), errno);
  return {};
}

Result<bool> Directories::remove_directory(const std::string& path) {
  if (rmdir(full(path).c_str()) == 0) return true;
  if (errno == ENOTEMPTY || errno == EEXIST) return false;
  if (errno == ENOENT) return true;
  return error_of(full(path), errno);
}

Result<void> Directories::sync(const std::string& path) { return sync_directory(full(path)); }

Result<void> Directories::write_file(const std::string& path, Octets octets) {
  const int fd = open(full(path).c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, file_mode);
  if (fd < 0) return error_of(full(path), errno);
  const int failed = write_all(fd, octets);
  close(fd);
  if (failed != 0) return error_of(full(path), failed);
  return {};
}

Result<std::vector<std::uint8_t>> Directories::read_file(const std::string& path) {
  const int fd = open(full(path).c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return error_of(full(path), errno);
  std::vector<std::uint8_t> out;
  constexpr std::size_t step = 64 * 1024;
  ssize_t got;
  do {
    const std::size_t size = out.size();
    out.resize(size + step);
    got = read(fd, out.data() + size, step);
    const int failed = errno;
    out.resize(size + (got > 0 ? static_cast<std::size_t>(got) : 0));
    if (got < 0 && failed != EINTR) {
      close(fd);
      return error_of(full(path), failed);
    }
  } while (got != 0);
  close(fd);
  return out;
}

Result<void> make_directories(const std::string& path) {
  for (std::size_t end = path.find('/', 1);; end = path.find('/', end + 1)) {
    const std::string part = path.substr(0, end);
    if (mkdir(part.c_str(), directory_mode) == 0) {
      const std::size_t slash = part.rfind('/');
      auto synced = sync_directory(slash == part.npos ? "." : part.substr(0, slash + 1));
      if (!synced) return synced;
    } else if (errno != EEXIST) {
      return error_of(part, errno);
    }
    if (end == path.npos) return {};
  }
}

}  // namespace ringgate::runtime
