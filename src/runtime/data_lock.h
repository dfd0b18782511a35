// Who uses a data directory.
#pragma once

#include <string>

#include "base/result.h"

namespace ringgate::runtime {

/// One process at a time. Held is what cannot be taken away while it is in use: the directory
/// itself, whose lock goes with the descriptor and not with a name in it. DATA_DIR/lock is held as
/// well, because versions before look at nothing else. Both end with the process, however it ends.
class DataLock {
 public:
  DataLock() = default;
  ~DataLock();
  DataLock(DataLock&& other) noexcept;
  DataLock& operator=(DataLock&& other) noexcept;

  /// `busy` when another one holds it, also one of this process. The directory must exist.
  static Result<DataLock> take(const std::string& data_dir);

  bool held() const { return file_ >= 0; }

 private:
  int directory_ = -1;
  int file_ = -1;
};

}  // namespace ringgate::runtime
