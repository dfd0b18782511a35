// Compares passwords with their hashes on threads of its own (yescrypt takes milliseconds on
// purpose), in an order that is fair (PasswordQueue), and remembers those that were right
// (PasswordCache).
//
// What that means for secrets in memory: a password lies in a question until that is answered, as
// it lay in the octets received; then it is freed. What stays is the 128-bit hash of account, hash
// and password under a secret that is drawn at start and never leaves the process. Who reads the
// process's memory has that secret too, and may try passwords against such a digest at memory
// speed, for an hour after the last use and for as long as a bind with it lasts. Nothing is ever
// written to disk.
#pragma once

#include <array>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "runtime/password_cache.h"
#include "runtime/password_queue.h"

namespace ringgate::runtime {

class PasswordPool {
 public:
  using Done = PasswordQueue::Done;

  static constexpr unsigned threads_max = 16;

  explicit PasswordPool(unsigned threads);
  /// Waits for the comparisons under way; those still queued are dropped.
  ~PasswordPool();
  PasswordPool(const PasswordPool&) = delete;
  PasswordPool& operator=(const PasswordPool&) = delete;

  // Any thread.

  /// `done` runs on a thread of the pool, and only with PasswordReply::asked.
  io::PasswordReply compare(const io::PasswordQuestion& question, Done done);
  io::PasswordDigest digest(const io::PasswordQuestion& question) const;
  bool known(const io::PasswordDigest& digest);
  void hold(const io::PasswordDigest& digest);
  void release(const io::PasswordDigest& digest);

 private:
  void run();
  void compute(std::unique_lock<std::mutex>& lock, PasswordQueue::Check& check);
  void tell_gave_way(std::unique_lock<std::mutex>& lock);

  std::array<std::uint8_t, hash_secret_size> secret_;
  std::mutex mutex_;
  std::condition_variable wake_;
  PasswordQueue queue_;
  PasswordCache cache_;
  // Told by the pool's threads, because whoever pushed them out may be one who must not wait.
  std::vector<Done> gave_way_;
  bool stop_ = false;
  std::vector<std::thread> threads_;
};

/// Whether crypt(3) of `password` with the setting in `hash` gives `hash`.
bool password_matches(const std::string& hash, const Secret& password);

}  // namespace ringgate::runtime
