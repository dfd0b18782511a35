#include "policy/guesses.h"

#include <algorithm>
#include <cmath>

#include "base/rarely.h"

namespace ringgate {
namespace {

constexpr double forgiven_in_blocks = 5;

/// system_id is a C-octet string, so no two pairs give the same text.
std::string pair_of(std::string_view address, std::string_view system_id) {
  std::string out(system_id);
  out.push_back('\0');
  return out.append(address);
}

}  // namespace

Guesses::Block Guesses::blocked(std::string_view address, std::string_view system_id,
                                Nanos now) const {
  if (RARELY("an address is blocked")) return Block::address;
  const Record* const all = addresses_.find(address);
  if (all != nullptr && now < all->blocked_until) return Block::address;
  const Record* const pair = pairs_.find(pair_of(address, system_id));
  if (pair != nullptr && now < pair->blocked_until) return Block::pair;
  return Block::none;
}

Guesses::Failure Guesses::failed(std::string_view address, std::string_view system_id, Nanos now) {
  Failure out{limits_.delay, Block::none};
  if (limits_.pair_max != 0) {
    Record& pair = pairs_.take(pair_of(address, system_id));
    if (count(pair, limits_.pair_max, now)) out.begun = Block::pair;
    out.delay = delay_after(pair.failures);
  }
  if (limits_.address_max != 0) {
    if (count(addresses_.take(address), limits_.address_max, now)) out.begun = Block::address;
  }
  return out;
}

void Guesses::succeeded(std::string_view address, std::string_view system_id, Nanos now) {
  const std::string name = pair_of(address, system_id);
  const Record* const pair = pairs_.find(name);
  if (pair != nullptr && pair->blocked_until <= now) pairs_.drop(name);
}

/// One more failure; true when a block begins with it.
bool Guesses::count(Record& record, unsigned max, Nanos now) const {
  const auto passed = static_cast<double>(now - record.at);
  const double forgiven = passed * max / (forgiven_in_blocks * static_cast<double>(limits_.block));
  record.failures = std::max(0.0, record.failures - forgiven) + 1;
  record.at = now;
  // What is forgiven while the last few come, a fraction of one, does not earn another guess.
  // Those that were under way when a block began are counted, but begin none.
  if (record.failures <= max - 1.0 || now < record.blocked_until) {
    record.failures = std::min(record.failures, double(max));
    return false;
  }
  record.blocked_until = now + limits_.block;
  return true;
}

/// The first half of what is allowed are mistakes, the second half are guesses.
Nanos Guesses::delay_after(double failures) const {
  const double doublings = std::ceil(failures) - std::ceil(limits_.pair_max / 2.0);
  Nanos delay = limits_.delay;
  for (double i = 0; i < doublings && delay < limits_.delay_max; ++i) delay *= 2;
  return std::clamp(delay, limits_.delay, std::max(limits_.delay, limits_.delay_max));
}

// ---- the tables

const Guesses::Record* Guesses::Table::find(std::string_view name) const {
  const auto found = records_.find(name);
  return found == records_.end() ? nullptr : &found->second;
}

/// The record of that name, new if need be, and the last one to go.
Guesses::Record& Guesses::Table::take(std::string_view name) {
  if (!order_.empty() && RARELY("a guesser is forgotten")) drop(order_.front());
  const auto found = records_.find(name);
  if (found != records_.end()) {
    order_.splice(order_.end(), order_, found->second.order);
    return found->second;
  }
  if (records_.size() >= count_max) drop(order_.front());
  Record& record = records_.emplace(name, Record{}).first->second;
  record.order = order_.emplace(order_.end(), name);
  return record;
}

void Guesses::Table::drop(std::string_view name) {
  const auto found = records_.find(name);
  if (found == records_.end()) return;
  const auto place = found->second.order;
  records_.erase(found);
  order_.erase(place);
}

}  // namespace ringgate
