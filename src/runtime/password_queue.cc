#include "runtime/password_queue.h"

#include <algorithm>
#include <cmath>
#include <tuple>
#include <utility>

#include "base/assert.h"
#include "base/units.h"

namespace ringgate::runtime {
namespace {

// What was had fades in steps of a second, by as much as leaves 1/e after ten.
constexpr Nanos fade_step = seconds(1);
constexpr double fade_steps_to_e = 10;
// Less than this counts as nothing.
constexpr double had_min = 0.05;

}  // namespace

PasswordQueue::PasswordQueue(std::uint64_t seed)
    : checks_(0, SeededHash{seed}),
      addresses_(0, SeededHash{seed}),
      accounts_(0, SeededHash{seed}) {}

io::PasswordReply PasswordQueue::add(const io::PasswordQuestion& question, Done done, Nanos now,
                                     std::vector<Done>& gave_way) {
  fade(now);
  if (askers_ >= askers_max) return io::PasswordReply::full;
  Payer* const address = payer(addresses_, question.address);
  const auto [found, is_new] = checks_.try_emplace(io::text_of(question));
  Check& check = found->second;
  if (!is_new) {
    join(check, std::move(done), address);
    return io::PasswordReply::asked;
  }
  check.question = question;
  check.address = address;
  check.account = payer(accounts_, question.decoy ? std::string_view() : question.account);
  check.age = ages_++;
  check.askers.push_back(std::move(done));
  ++askers_;
  ++check.address->open;
  ++check.account->open;
  waiting_.push_back(&check);
  Check* const leaves = pair_is_full(check)             ? &check
                        : waiting_.size() > waiting_max ? heaviest()
                                                        : nullptr;
  if (leaves == nullptr) return io::PasswordReply::asked;
  const bool refused = leaves == &check;
  stop_waiting(leaves);
  std::vector<Done> askers = drop(leaves);
  if (refused) return io::PasswordReply::full;
  std::move(askers.begin(), askers.end(), std::back_inserter(gave_way));
  return io::PasswordReply::asked;
}

PasswordQueue::Check* PasswordQueue::start(Nanos now) {
  fade(now);
  if (waiting_.empty()) return nullptr;
  const auto rank = [](const Check* check) {
    return std::pair(weight(*check->address, *check->account, false), check->age);
  };
  Check* const next =
      *std::min_element(waiting_.begin(), waiting_.end(),
                        [&rank](const Check* a, const Check* b) { return rank(a) < rank(b); });
  stop_waiting(next);
  next->started = true;
  next->address->had += 1;
  next->account->had += 1;
  return next;
}

std::vector<PasswordQueue::Done> PasswordQueue::finish(Check* check) {
  ASSERT(check->started);
  return drop(check);
}

PasswordQueue::Weight PasswordQueue::weight(const Payer& a, const Payer& b, bool with_open) {
  const double first = a.had + (with_open ? static_cast<double>(a.open) : 0);
  const double second = b.had + (with_open ? static_cast<double>(b.open) : 0);
  return {std::max(first, second), std::min(first, second)};
}

PasswordQueue::Payer* PasswordQueue::payer(Payers& payers, std::string_view name) {
  const auto found = payers.find(name);
  if (found != payers.end()) return &found->second;
  if (payers.size() >= payers_max) remove_idle(payers, 0.5);
  if (payers.size() >= payers_max) remove_idle(payers, HUGE_VAL);
  return &payers.emplace(name, Payer{}).first->second;
}

bool PasswordQueue::pair_is_full(const Check& check) const {
  if (check.address->open <= waiting_max_per_pair) return false;
  // By name: decoys share a payer, and a limit that counted them together would tell a stranger
  // which names are nobody's.
  const auto same = std::count_if(waiting_.begin(), waiting_.end(), [&check](const Check* other) {
    return other->address == check.address && other->question.account == check.question.account;
  });
  return static_cast<std::size_t>(same) > waiting_max_per_pair;
}

/// One more who waits for the same answer. Whoever has had least pays, so that nobody's right
/// password waits longer because somebody else asks about it too.
void PasswordQueue::join(Check& check, Done done, Payer* address) {
  check.askers.push_back(std::move(done));
  ++askers_;
  if (check.started || address->had >= check.address->had) return;
  --check.address->open;
  check.address = address;
  ++check.address->open;
}

/// The one whose payers have had and want most; the youngest of several.
PasswordQueue::Check* PasswordQueue::heaviest() const {
  const auto rank = [](const Check* check) {
    return std::pair(weight(*check->address, *check->account, true), check->age);
  };
  return *std::max_element(waiting_.begin(), waiting_.end(),
                           [&rank](const Check* a, const Check* b) { return rank(a) < rank(b); });
}

void PasswordQueue::stop_waiting(const Check* check) {
  const auto place = std::find(waiting_.begin(), waiting_.end(), check);
  ASSERT(place != waiting_.end());
  *place = waiting_.back();
  waiting_.pop_back();
}

std::vector<PasswordQueue::Done> PasswordQueue::drop(Check* check) {
  std::vector<Done> askers = std::move(check->askers);
  askers_ -= askers.size();
  --check->address->open;
  --check->account->open;
  checks_.erase(io::text_of(check->question));
  return askers;
}

void PasswordQueue::fade(Nanos now) {
  const std::int64_t steps = (now - faded_) / fade_step;
  if (steps <= 0) return;
  faded_ += steps * fade_step;
  const double left = std::exp(-static_cast<double>(steps) / fade_steps_to_e);
  for (Payers* payers : {&addresses_, &accounts_}) {
    for (auto& [name, one] : *payers) one.had *= left;
    remove_idle(*payers, had_min);
  }
}

void PasswordQueue::remove_idle(Payers& payers, double had_max) {
  std::erase_if(payers, [had_max](const auto& entry) {
    return entry.second.open == 0 && entry.second.had < had_max;
  });
}

}  // namespace ringgate::runtime
