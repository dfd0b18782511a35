// A thread's share of a run, second by second.
#pragma once

#include <ringgate/types.h>

#include <cstdint>

#include "load/latency.h"
#include "load/second_book.h"

namespace ringgate::load {

/// What has been counted since the first submit.
struct Totals {
  std::uint64_t submitted = 0;
  std::uint64_t accepted = 0;
  std::uint64_t refused = 0;
  std::uint64_t receipts = 0;
};

/// One thread. Who calls says what time it is, and looks at the machine when a second is over.
class Timeline {
 public:
  static constexpr Nanos period = 1'000'000'000;

  /// `book` outlives it.
  Timeline(SecondBook& book, unsigned thread) : book_(book), thread_(thread) {}

  /// Begins; `warm_up` of it count for no latency and no rate.
  void start(Nanos at, Nanos warm_up, bool open_loop);

  /// Whether what was meant to leave then counts: whenever it is answered, it says nothing of the
  /// time after the warm-up if it was meant for the time before.
  bool measures(Nanos sent) const { return sent >= warm_until_; }
  void answered(Nanos sent, Nanos now) { record(latency_, sent, now); }
  void receipted(Nanos sent, Nanos came) { record(receipt_latency_, sent, came); }
  /// An open loop's message has left, so late after its time or after a window for it was open.
  LatencyRecorder& lateness() { return lateness_; }
  /// One has left late because every window had been full.
  void hold() { ++held_; }
  /// This program ran so much later than it wanted to.
  void pause(Nanos size) { paused_ += size; }

  /// When the second that goes on is over.
  Nanos deadline() const { return ends_; }
  /// It is over, or the run is.
  void end_second(Nanos now, const Totals& totals, const Surroundings& around);

 private:
  bool warms_up() const { return begins_ < warm_until_; }
  void begin_second(Nanos now);
  void record(LatencyRecorder& to, Nanos sent, Nanos now) {
    if (warms_up() || measures(sent)) to.record(now - sent);
  }

  SecondBook& book_;
  const unsigned thread_;
  LatencyRecorder latency_;
  LatencyRecorder receipt_latency_;
  LatencyRecorder lateness_;
  std::uint64_t held_ = 0;
  Nanos paused_ = 0;
  bool open_loop_ = false;
  Nanos started_ = 0;
  Nanos warm_until_ = 0;
  std::uint64_t slot_ = 0;
  Nanos begins_ = 0;
  Nanos ends_ = never;
  Totals before_;
};

}  // namespace ringgate::load
