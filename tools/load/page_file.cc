#include "load/page_file.h"

#include <unistd.h>

#include <fstream>

namespace ringgate::load {

PageFile::~PageFile() {
  if (is_new_) (void)unlink(name_.c_str());
}

bool PageFile::open() {
  if (!wanted()) return true;
  const bool was_there = access(name_.c_str(), F_OK) == 0;
  std::ofstream file(name_, std::ios::app);
  is_new_ = file && !was_there;
  return static_cast<bool>(file);
}

bool PageFile::write(const std::string& page) {
  std::ofstream file(name_, std::ios::trunc);
  file << page << std::flush;
  is_new_ = is_new_ && !file;
  return static_cast<bool>(file);
}

}  // namespace ringgate::load
