#include "load/backlog.h"

#include <algorithm>

#include "base/units.h"

namespace ringgate::load {

namespace {

// Who runs for less than a few of these sees no growth.
constexpr Nanos end_size_min = milliseconds(150);
constexpr Nanos size_min = milliseconds(600);
constexpr double of_due_max = 0.01;
constexpr std::uint64_t messages_max = 10;
constexpr Nanos delay_max = milliseconds(20);

}  // namespace

void Backlog::start(Nanos from, Nanos until) {
  from_ = from;
  until_ = until;
  size_ = until == never ? 0 : until - from;
}

void Backlog::note(Nanos now, std::uint64_t due, std::uint64_t answered) {
  if (size_ < size_min || now > until_) return;
  const Low low{now, due, due - std::min(due, answered)};
  if (now >= from_ + size_ / 4 && now < from_ + size_ / 2) lower(early_, low);
  if (now >= until_ - std::max(size_ / 20, end_size_min)) lower(late_, low);
}

void Backlog::lower(std::optional<Low>& least, const Low& now) {
  if (!least || now.open < least->open) least = now;
}

double Backlog::growth() const {
  if (!early_ || !late_ || late_->open <= early_->open + messages_max) return 0;
  const auto grown = static_cast<double>(late_->open - early_->open);
  const auto due = static_cast<double>(late_->due - early_->due);
  const auto time = static_cast<double>(late_->at - early_->at);
  const bool shows =
      grown > due * of_due_max && grown * time > due * static_cast<double>(delay_max);
  return shows ? grown / (time / 1e9) : 0;
}

}  // namespace ringgate::load
