#include "core/way_out.h"

#include <algorithm>

#include "shard/shard.h"

namespace ringgate {
namespace {

constexpr Nanos close_time_max = seconds(3);
// What is still on its way to the disk when everything else has ended.
constexpr Nanos settle_time_max = seconds(5);

}  // namespace

void WayOut::ask(Ending how, Nanos now) {
  if (how == Ending::abandon) {
    abandoned_ = true;
    drain_until_ = never;
    close_until_ = now;
  }
  if (closing()) return;
  if (drain_until_ == never) shard_.start_drain();
  drain_until_ = how == Ending::hurry ? now : std::min(drain_until_, now + drain_time_);
}

bool WayOut::drained() const { return shard_.counters().binds_open.get() == 0 && shard_.settled(); }

/// What clients were told is safe already; what their last words have changed is still on its way.
bool WayOut::settled(bool busy) const { return !busy && (abandoned_ || shard_.settled()); }

bool WayOut::closed(Nanos now) const {
  return closing() && (!shard_.has_connections() || now >= close_until_);
}

void WayOut::step(Nanos now) {
  if (drain_until_ == never || (!drained() && now < drain_until_)) return;
  drain_until_ = never;
  close_until_ = now + close_time_max;
  shard_.start_shutdown();
}

bool WayOut::is_over(Nanos now, bool busy) {
  if (!closed(now)) return false;
  if (settle_until_ == never) settle_until_ = now + settle_time_max;
  return settled(busy) || now >= settle_until_;
}

Nanos WayOut::deadline(Nanos now, bool busy) const {
  if (drain_until_ != never) return drained() ? now : drain_until_;
  if (!closing()) return never;
  if (!closed(now)) return close_until_;
  return settled(busy) ? now : std::min(settle_until_, now + settle_time_max);
}

}  // namespace ringgate
