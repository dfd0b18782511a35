// Whom a late message of an open loop was held up by.
#pragma once

#include <ringgate/types.h>

#include <optional>

namespace ringgate::load {

/// When an open loop has found every window full, and since when without a break.
class FullWindows {
 public:
  /// What is due has been sent as far as windows were open.
  void note(Nanos now, bool full) {
    if (full && !full_) from_ = now;
    if (full) until_ = now;
    full_ = full;
  }

  /// A message that was meant for `intended` leaves: how late it is because of this program; empty:
  /// it waited for a window, and so for the server.
  std::optional<Nanos> lateness(Nanos intended, Nanos now) const {
    if (intended > until_) return now - intended;
    if (intended >= from_) return std::nullopt;
    return from_ - intended;
  }

 private:
  bool full_ = false;
  Nanos from_ = 0, until_ = -1;
};

}  // namespace ringgate::load
