#include "policy/bind_counts.h"

#include "base/assert.h"
#include "base/rarely.h"

namespace ringgate {
namespace {

/// A client that comes back does so with all of its binds. Each hunt looks at every connection, so
/// that one account's do not become many because they come from many addresses.
const Rate hunt_rate(20, 100);
const Rate all_hunts_rate(100, 500);

/// 0 = no limit.
bool has_room(std::uint32_t open, unsigned most) { return most == 0 || open < most; }

std::size_t index_of(BindMode mode) {
  switch (mode) {
    case BindMode::transmitter:
      return 0;
    case BindMode::receiver:
      return 1;
    case BindMode::transceiver:
      return 2;
  }
  UNREACHABLE();
}

}  // namespace

bool BindCounts::open(const AccountOptions& account, BindMode mode, const std::string& address) {
  const std::array<unsigned, modes> of_mode_max{account.max_binds_tx, account.max_binds_rx,
                                                account.max_binds_trx};
  const std::size_t index = index_of(mode);
  const Hold hold(held_);
  if (!has_room(all_, account.max_binds) || !has_room(of_mode_[index], of_mode_max[index]))
    return false;
  if (RARELY("an account has all its binds")) return false;
  // One that is new there has room, whatever the maximum.
  OfAddress& from = of_address_[address];
  if (!has_room(from.open, account.max_binds_per_address)) return false;
  ++from.open;
  ++of_mode_[index];
  ++all_;
  return true;
}

void BindCounts::close(BindMode mode, const std::string& address) {
  const std::size_t index = index_of(mode);
  const Hold hold(held_);
  const auto place = of_address_.find(address);
  ASSERT(all_ != 0 && of_mode_[index] != 0 && place != of_address_.end());
  --all_;
  --of_mode_[index];
  if (--place->second.open == 0) of_address_.erase(place);
}

bool BindCounts::may_hunt(const std::string& address, Nanos now) {
  const Hold hold(held_);
  const auto place = of_address_.find(address);
  return place != of_address_.end() && place->second.hunts.admit(hunt_rate, now) &&
         hunts_.admit(all_hunts_rate, now);
}

std::uint32_t BindCounts::all() const {
  const Hold hold(held_);
  return all_;
}

}  // namespace ringgate
