#include "load/timeline.h"

#include <algorithm>

namespace ringgate::load {

void Timeline::start(Nanos at, Nanos warm_up, bool open_loop) {
  started_ = at;
  warm_until_ = at + warm_up;
  open_loop_ = open_loop;
  paused_ = 0;
  begin_second(at);
}

// Seconds lie on a grid that all threads share. The warm-up ends with one of its own, so that each
// is of one kind, and the grid begins anew behind it.
void Timeline::begin_second(Nanos now) {
  begins_ = now;
  const Nanos warm_up = warm_until_ - started_;
  const auto warm_slots = static_cast<std::uint64_t>((warm_up + period - 1) / period);
  if (now < warm_until_) {
    slot_ = static_cast<std::uint64_t>((now - started_) / period);
    ends_ = std::min(started_ + static_cast<Nanos>(slot_ + 1) * period, warm_until_);
  } else {
    const Nanos number = (now - warm_until_) / period;
    slot_ = warm_slots + static_cast<std::uint64_t>(number);
    ends_ = warm_until_ + (number + 1) * period;
  }
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
  second.around = around;
  book_.add(thread_, slot_, second, latency_.histogram(), receipt_latency_.histogram(),
            lateness_.histogram());
  latency_.clear();
  receipt_latency_.clear();
  lateness_.clear();
  before_ = totals;
  held_ = 0;
  paused_ = 0;
  begin_second(now);
}

}  // namespace ringgate::load
