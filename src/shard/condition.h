// Something that holds for a while, for a log that hears of its beginning and of its end.
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/assert.h"
#include "base/units.h"

namespace ringgate {

/// Begins when it is first met, and is over when it has not been met for `calm`: so however often
/// it comes and goes, there are two lines in that time at the most. One thread.
class Condition {
 public:
  enum class Change : std::uint8_t { none, begins, ends };

  explicit Condition(Nanos calm) : calm_(calm) { ASSERT(calm > 0); }

  void noticed(Nanos now) {
    met_ = true;
    look_at_ = now + calm_;
  }
  /// What there is to say. With `lasting` it does not end, though nobody meets it.
  Change next(Nanos now, bool lasting = false) {
    ASSERT(met_ || !told_);
    if (!met_) return Change::none;
    if (!told_) {
      told_ = true;
      return Change::begins;
    }
    if (now < look_at_) return Change::none;
    look_at_ = now + calm_;
    if (lasting) return Change::none;
    met_ = told_ = false;
    return Change::ends;
  }
  bool holds() const { return met_; }
  /// When next() wants to be called even if nothing happens.
  Nanos deadline() const { return met_ ? look_at_ : never; }

 private:
  const Nanos calm_;
  Nanos look_at_ = never;
  bool met_ = false;
  bool told_ = false;
};

}  // namespace ringgate
