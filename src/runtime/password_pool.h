// Compares passwords with their hashes on a thread of its own: yescrypt takes milliseconds on
// purpose.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "base/link_id.h"

namespace ringgate::runtime {

class PasswordPool {
 public:
  using Done = std::function<void(bool matches)>;

  PasswordPool();
  /// Waits for the comparison under way; those still queued are dropped.
  ~PasswordPool();

  /// `done` runs on the pool's thread. False, and no call, when too many wait already. Any thread.
  bool compare(std::string hash, std::string password, Done done);

 private:
  struct Question {
    std::string hash;
    std::string password;
    Done done;
  };
  // At some 10 ms each, a full queue is ten seconds of work: about what session_init lets a client
  // wait.
  static constexpr std::size_t waiting_max = 1000;

  void run();

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Question> waiting_;
  bool stop_ = false;
  std::thread thread_;
};

/// Whether crypt(3) of `password` with the setting in `hash` gives `hash`.
bool password_matches(const std::string& hash, const std::string& password);

}  // namespace ringgate::runtime
