#include "load/page_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

namespace ringgate::load {

namespace {

bool written(const std::string& name, const std::string& page) {
  std::ofstream file(name, std::ios::trunc);
  file << page << std::flush;
  return static_cast<bool>(file);
}

}  // namespace

PageFile::~PageFile() {
  if (is_new_) (void)unlink(name_.c_str());
}

bool PageFile::open() {
  if (!wanted()) return true;
  // A link that leads nowhere is somebody's as well.
  struct stat status {};
  const bool was_there = lstat(name_.c_str(), &status) == 0;
  const std::ofstream file(name_, std::ios::app);
  is_new_ = file && !was_there;
  const std::filesystem::path folder = std::filesystem::path(name_).parent_path();
  const bool is_file = lstat(name_.c_str(), &status) == 0 && S_ISREG(status.st_mode);
  mode_ = status.st_mode & 07777;
  // Links and devices stay what they are, and so does what lies where no other file can be made.
  if (is_file && access(folder.empty() ? "." : folder.c_str(), W_OK) == 0)
    part_ = name_ + "." + std::to_string(getpid()) + ".part";
  return static_cast<bool>(file);
}

bool PageFile::write(const std::string& page) {
  bool done = written(part_.empty() ? name_ : part_, page);
  if (!part_.empty()) {
    done = done && chmod(part_.c_str(), mode_) == 0 && rename(part_.c_str(), name_.c_str()) == 0;
    if (!done) (void)unlink(part_.c_str());
  }
  is_new_ = is_new_ && !done;
  return done;
}

}  // namespace ringgate::load
