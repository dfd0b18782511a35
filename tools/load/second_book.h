// The seconds of a run, of all its threads together.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "load/latency.h"
#include "load/second.h"

namespace ringgate::load {

/// Each thread hands over what it has of a second; when all have, it becomes a row. Many threads.
class SecondBook {
 public:
  /// A day: of what comes after, only the whole is known.
  static constexpr std::size_t seconds_max = 86'400;

  explicit SecondBook(unsigned threads) : passed_(threads, 0) {}

  /// Of `thread`, its share of the second `slot`, and none of an earlier one any more. The
  /// summaries of `second` are made here.
  void add(unsigned thread, std::uint64_t slot, const Second& second, const Histogram& latencies,
           const Histogram& receipt_latencies, const Histogram& lateness);
  /// Of `thread`, nothing comes any more; of all, when they have left.
  void leave(unsigned thread);
  void finish();
  /// The last ones, of so many at most.
  std::vector<Second> last(std::size_t count);

  // When no thread writes.

  const std::vector<Second>& seconds() const { return seconds_; }
  /// All together, without the warm-up.
  const Histogram& latencies() const { return latencies_; }
  const Histogram& receipt_latencies() const { return receipt_latencies_; }

 private:
  struct Page {
    Second second;
    bool empty = true;
    Histogram latencies, receipt_latencies, lateness;
  };
  Page& page_of(std::uint64_t slot);
  void close(Page& page);
  void close_until(std::uint64_t slot);

  std::mutex mutex_;
  std::vector<std::uint64_t> passed_;  // of each thread, the first slot it may still add to
  // As many as threads are seconds apart; a page is large, so what is closed is used again.
  std::map<std::uint64_t, std::unique_ptr<Page>> open_;
  std::vector<std::unique_ptr<Page>> blank_;
  std::vector<Second> seconds_;
  Histogram latencies_, receipt_latencies_;
};

}  // namespace ringgate::load
