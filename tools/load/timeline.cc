#include "load/timeline.h"

#include <algorithm>

namespace ringgate::load {

void Timeline::start(Nanos now, Nanos warm_up, bool open_loop) {
  started_ = now;
  warm_until_ = now + warm_up;
  open_loop_ = open_loop;
  begin_second(now);
}

// The warm-up ends with a second of its own, so that each is of one kind.
void Timeline::begin_second(Nanos now) {
  begins_ = now;
  ends_ = now + period;
  if (warms_up()) ends_ = std::min(ends_, warm_until_);
}

void Timeline::end_second(Nanos now, const Totals& totals, const Surroundings& around) {
  Second second;
  second.at = begins_ - started_;
  second.size = now - begins_;
  second.warm_up = warms_up();
  second.open_loop = open_loop_;
  second.submitted = totals.submitted - before_.submitted;
  second.accepted = totals.accepted - before_.accepted;
  second.refused = totals.refused - before_.refused;
  second.receipts = totals.receipts - before_.receipts;
  second.held = held_;
  second.paused = paused_;
  second.latency = summarize(latency_.histogram());
  second.receipt_latency = summarize(receipt_latency_.histogram());
  second.lateness = summarize(lateness_.histogram());
  second.around = around;

  if (!second.warm_up) {
    all_latencies_.merge(latency_.histogram());
    all_receipt_latencies_.merge(receipt_latency_.histogram());
  }
  latency_.clear();
  receipt_latency_.clear();
  lateness_.clear();
  if (seconds_.size() < seconds_max) seconds_.push_back(second);
  before_ = totals;
  held_ = 0;
  paused_ = 0;
  begin_second(now);
}

}  // namespace ringgate::load
