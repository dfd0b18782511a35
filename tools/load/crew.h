// What the threads of a run share.
#pragma once

#include <ringgate/types.h>

#include <atomic>
#include <cstdint>
#include <mutex>
#include <utility>
#include <vector>

#include "base/result.h"
#include "load/live_view.h"
#include "load/receipt_desk.h"
#include "load/second_book.h"

namespace ringgate::load {

/// Counters of one thread that another one shows; they may be a moment old.
struct alignas(64) Tally {
  std::atomic<std::uint64_t> submitted{0}, accepted{0}, refused{0}, throttled{0}, unanswered{0},
      receipts{0}, answered{0}, open{0}, rebinds{0}, cut_off{0};
};

/// Many threads.
class Crew {
 public:
  Crew(unsigned threads, std::size_t expected_receipts)
      : threads_(threads),
        tallies_(threads),
        seconds_(threads),
        receipts_(expected_receipts, threads == 1) {}

  unsigned threads() const { return threads_; }
  SecondBook& seconds() { return seconds_; }
  ReceiptDesk& receipts() { return receipts_; }
  std::vector<Tally>& tallies() { return tallies_; }
  LiveScreen& screen() { return screen_; }

  /// A thread has bound all that it has to; with the last one, the run's beginning is set.
  void bound(Nanos now) {
    if (bound_.fetch_add(1) + 1 < threads_) return;
    // Threads that wait look every millisecond.
    constexpr Nanos until_all_know = 20'000'000;
    start_at_ = now + (threads_ == 1 ? 0 : until_all_know);
  }
  /// `never` while binds are missing.
  Nanos start_at() const { return start_at_; }

  /// A thread has all the answers that it will get, and they are filed.
  void drained() { ++drained_; }
  bool all_drained() const { return drained_ == threads_; }

  /// Somebody wants the present phase to end.
  void interrupt() { ++interrupts_; }
  unsigned interrupts() const { return interrupts_; }

  /// Only the first failure is told; the rest follow from it.
  void fail(Error error) {
    const std::lock_guard lock(mutex_);
    if (!failed_) failure_ = std::move(error);
    failed_ = true;
  }
  bool failed() const { return failed_; }
  /// When no thread runs any more.
  const Error& failure() const { return failure_; }

 private:
  const unsigned threads_;
  std::vector<Tally> tallies_;
  LiveScreen screen_;
  SecondBook seconds_;
  ReceiptDesk receipts_;
  std::atomic<unsigned> bound_{0}, drained_{0}, interrupts_{0};
  std::atomic<Nanos> start_at_{never};
  std::atomic<bool> failed_{false};
  std::mutex mutex_;
  Error failure_;
};

}  // namespace ringgate::load
