// The names below one directory of the machine's file system.
#pragma once

#include "io/directories.h"

namespace ringgate::runtime {

/// Of `root`, which need not exist while nothing is changed. Everything waits. Any thread.
class Directories final : public io::Directories {
 public:
  explicit Directories(std::string root) : root_(std::move(root)) {}

  Result<std::vector<Entry>> list(const std::string& path) override;
  Result<void> make(const std::string& path) override;
  Result<void> rename(const std::string& from, const std::string& to) override;
  Result<void> remove_file(const std::string& path) override;
  Result<bool> remove_directory(const std::string& path) override;
  Result<void> sync(const std::string& path) override;
  Result<void> write_file(const std::string& path, Octets octets) override;
  Result<std::vector<std::uint8_t>> read_file(const std::string& path) override;

 private:
  std::string full(const std::string& path) const { return root_ + "/" + path; }

  const std::string root_;
};

/// Makes a directory and those above it, each of them safe.
Result<void> make_directories(const std::string& path);

}  // namespace ringgate::runtime
