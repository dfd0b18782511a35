// The file that says which process serves, for those who want to tell it something.
#pragma once

#include <sys/types.h>

#include <string>

namespace ringgate {

/// A file with the process id, locked for writing while this lives; it is removed at the end,
/// or emptied where that is not allowed any more.
class PidFile {
 public:
  PidFile() = default;
  ~PidFile();
  PidFile(const PidFile&) = delete;
  PidFile& operator=(const PidFile&) = delete;

  /// Returns why not, in one line; empty: it is there.
  std::string take(const std::string& path);

  /// The process that holds that file. Returns why there is none.
  static std::string find(const std::string& path, pid_t& process);

 private:
  static std::string write_to(int fd, const std::string& path);

  std::string path_;
  int fd_ = -1;
};

}  // namespace ringgate
