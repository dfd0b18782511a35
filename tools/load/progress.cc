#include "load/progress.h"

#include <algorithm>
#include <atomic>

#include "base/units.h"

namespace ringgate::load {

namespace {

constexpr Nanos progress_period = seconds(1);
constexpr std::size_t seconds_shown = 60;

}  // namespace

void Progress::start(Nanos at) {
  started_ = shown_at_ = at;
  next_ = at + progress_period;
}

void Progress::stop() {
  crew_.screen().clear();
  next_ = never;
}

void Progress::tell(const Report& report, const Inbox::Counts& counts, std::size_t open_count) {
  Tally& tally = crew_.tallies()[share_.index];
  tally.submitted = report.submitted;
  tally.answered = report.responses;
  tally.accepted = counts.accepted;
  tally.refused = counts.refused;
  tally.throttled = report.statuses.of(Status::ESME_RTHROTTLED);
  tally.unanswered = counts.unanswered;
  tally.receipts = counts.receipts_matched;
  tally.open = open_count;
  tally.rebinds = report.rebinds.done;
  tally.cut_off = report.rebinds.cut_off;
  if (next_ > stage_.now.mono) return;
  next_ += progress_period;
  if (!options_.quiet && share_.index == 0) crew_.screen().show(look());
}

LiveFacts Progress::look() {
  const auto sum = [this](std::atomic<std::uint64_t> Tally::*counter) {
    std::uint64_t all = 0;
    for (const Tally& tally : crew_.tallies()) all += tally.*counter;
    return all;
  };
  const Nanos now = stage_.now.mono;
  LiveFacts out;
  out.elapsed = now - started_;
  out.length = options_.duration;
  if (stage_.phase == Phase::draining) out.stage = "answers";
  if (stage_.phase == Phase::receipts) out.stage = "receipts";
  out.submitted = sum(&Tally::submitted);
  out.rate = static_cast<std::uint64_t>(static_cast<double>(out.submitted - shown_submitted_) /
                                        (static_cast<double>(now - shown_at_) / 1e9));
  shown_at_ = now;
  shown_submitted_ = out.submitted;
  const std::uint64_t unanswered = sum(&Tally::unanswered);
  out.accepted = sum(&Tally::accepted);
  out.throttled = sum(&Tally::throttled);
  // Other threads count on between two of these.
  const auto difference = [](std::uint64_t all, std::uint64_t part) {
    return all - std::min(all, part);
  };
  out.errors = difference(sum(&Tally::refused), out.throttled) +
               difference(unanswered, sum(&Tally::cut_off));
  out.open = difference(out.submitted, sum(&Tally::answered) + unanswered);
  out.receipts = sum(&Tally::receipts);
  out.with_receipts = options_.receipts;
  out.binds = sum(&Tally::open);
  out.rebinds = sum(&Tally::rebinds);
  out.with_rebinds = options_.rebinds.wanted();
  out.idle = options_.idle_binds != 0;
  if (crew_.screen().is_terminal()) out.seconds = crew_.seconds().last(seconds_shown);
  return out;
}

}  // namespace ringgate::load
