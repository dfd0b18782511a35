// What taking an epoch of the journal into use asks of a file system. Everything here waits.
#pragma once

#include <string>
#include <vector>

#include <ringgate/types.h>

#include "base/result.h"

namespace ringgate::io {

/// The names below one directory, which paths are relative to; "" is that directory itself. What
/// was done is there at once, and after a crash only if the directory that holds the name was
/// synced since.
class Directories {
 public:
  struct Entry {
    std::string name;
    bool is_directory = false;
  };

  /// In no order. Of a directory that is not there: nothing.
  virtual Result<std::vector<Entry>> list(const std::string& path) = 0;
  /// Its parent is there. That it is there already is no error.
  virtual Result<void> make(const std::string& path) = 0;
  /// Both parents are there, `to` is not.
  virtual Result<void> rename(const std::string& from, const std::string& to) = 0;
  virtual Result<void> remove_file(const std::string& path) = 0;
  /// False, and no error, when there is still something in it.
  virtual Result<bool> remove_directory(const std::string& path) = 0;
  /// Makes what was done to the names in it safe.
  virtual Result<void> sync(const std::string& path) = 0;

  /// A new file with that content, which is safe afterwards; its name is not.
  virtual Result<void> write_file(const std::string& path, Octets octets) = 0;
  virtual Result<std::vector<std::uint8_t>> read_file(const std::string& path) = 0;

 protected:
  ~Directories() = default;
};

}  // namespace ringgate::io
