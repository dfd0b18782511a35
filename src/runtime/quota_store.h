// What accounts have used of their quotas, kept in a file so that a restart does not give it back.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include <ringgate/log.h>

#include "base/result.h"
#include "policy/directory.h"
#include "runtime/rosters.h"

namespace ringgate::runtime {

/// Of a node that keeps files. Written once a second where something has changed, so that a crash
/// forgets the last second's submits at most; and at an orderly end.
///
/// The file `quotas` is text: after a line with its version one for each account that has used
/// something, "PERIOD USED PERIOD USED SYSTEM_ID", a pair for each of quota_period_s.
class QuotaStore {
 public:
  /// `log` may be null, and outlives it.
  QuotaStore(std::string data_dir, Log* log);
  ~QuotaStore() { stop(); }
  QuotaStore(const QuotaStore&) = delete;
  QuotaStore& operator=(const QuotaStore&) = delete;

  /// Before anything is used: what an earlier run has written is used already. What cannot be read
  /// is said in the log, and counted anew.
  void load(const Directory& directory);
  /// From now on what changes is written, by a thread of its own.
  void start(std::shared_ptr<const Rosters> rosters);
  /// Writes the last of it. Idempotent.
  void stop();

 private:
  void run();
  void save();
  void tell_unread(const std::string& path, std::string_view why);
  std::string text() const;

  const std::string data_dir_;
  Log* const log_;
  std::shared_ptr<const Rosters> rosters_;
  std::string written_;      // as it is in the file
  bool has_failed_ = false;  // the log knows
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace ringgate::runtime
