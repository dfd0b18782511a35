// N x N single-producer queues between shards, and the doorbells that wake sleepers.
//
// Waking a sleeping shard costs its sender as much as 60-80 PDUs, so a doorbell is rung only when
// the target sleeps:
//
//   consumer: sleeping = 1; fence; look at every queue again; only then sleep; sleeping = 0 on
//   waking producer: publish; fence; if sleeping: exchange it for 0, and the one who got 1 rings
//
// The two fences (sequentially consistent) order "I sleep" against "I look" and "I publish" against
// "I see you sleep": at least one side sees the other, so no mail is left with everybody asleep.
#pragma once

#include <atomic>
#include <deque>
#include <memory>
#include <vector>

#include "base/spsc.h"
#include "io/mesh.h"

namespace ringgate::runtime {

/// One flag per shard, set while it sleeps or is about to.
struct alignas(128) SleepFlag {
  std::atomic<std::uint32_t> sleeping = 0;

  void set() {
    sleeping.store(1, std::memory_order_relaxed);
    std::atomic_thread_fence(std::memory_order_seq_cst);
  }
  void clear() { sleeping.store(0, std::memory_order_relaxed); }
  /// After publishing something: true for the one caller who must wake the sleeper.
  bool claim_wake() {
    std::atomic_thread_fence(std::memory_order_seq_cst);
    return sleeping.load(std::memory_order_relaxed) != 0 &&
           sleeping.exchange(0, std::memory_order_relaxed) != 0;
  }
};

class MeshQueues {
 public:
  explicit MeshQueues(unsigned shard_count) : count_(shard_count), flags_(shard_count) {
    for (unsigned i = 0; i < shard_count * shard_count; ++i)
      queues_.push_back(std::make_unique<Spsc<io::Mail>>(queue_size));
  }

  unsigned count() const { return count_; }
  Spsc<io::Mail>& queue(unsigned from, unsigned to) { return *queues_[from * count_ + to]; }
  SleepFlag& flag(unsigned shard) { return flags_[shard]; }

 private:
  static constexpr std::uint32_t queue_size = 1024;

  unsigned count_;
  std::vector<std::unique_ptr<Spsc<io::Mail>>> queues_;
  std::vector<SleepFlag> flags_;
};

/// One shard's end of the mesh. Its thread only.
class MeshPort final : public io::Mesh {
 public:
  MeshPort(MeshQueues& queues, unsigned self)
      : queues_(queues), self_(self), spills_(queues.count()) {}

  void post(unsigned shard, const io::Mail& mail) override {
    Spsc<io::Mail>& queue = queues_.queue(self_, shard);
    std::deque<io::Mail>& spill = spills_[shard];
    if (!spill.empty() || !queue.stage(mail)) spill.push_back(mail);
  }

  /// Shows the others what was posted; calls ring(shard) for each one that sleeps and has mail.
  template <class F>
  void publish(F&& ring) {
    for (unsigned shard = 0; shard < queues_.count(); ++shard) {
      if (shard == self_) continue;
      Spsc<io::Mail>& queue = queues_.queue(self_, shard);
      std::deque<io::Mail>& spill = spills_[shard];
      while (!spill.empty() && queue.stage(spill.front())) spill.pop_front();
      if (queue.publish() && queues_.flag(shard).claim_wake()) ring(shard);
    }
  }

  /// Calls f(mail) for what has arrived, at most `max` from each shard.
  template <class F>
  unsigned drain(std::uint32_t max, F&& f) {
    unsigned count = 0;
    for (unsigned shard = 0; shard < queues_.count(); ++shard)
      if (shard != self_) count += queues_.queue(shard, self_).drain(max, f);
    return count;
  }

  /// Calls f(mail) for what did not fit a queue, which then is gone.
  template <class F>
  void drain_spill(F&& f) {
    for (std::deque<io::Mail>& spill : spills_) {
      for (const io::Mail& mail : spill) f(mail);
      spill.clear();
    }
  }

  bool has_mail() const {
    for (unsigned shard = 0; shard < queues_.count(); ++shard)
      if (shard != self_ && !queues_.queue(shard, self_).empty()) return true;
    return false;
  }
  bool has_spill() const {
    for (const auto& spill : spills_)
      if (!spill.empty()) return true;
    return false;
  }

 private:
  MeshQueues& queues_;
  const unsigned self_;
  std::vector<std::deque<io::Mail>> spills_;
};

}  // namespace ringgate::runtime
