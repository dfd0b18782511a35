// Cancels of everything between two addresses, which may be more than one turn has time for.
#pragma once

#include <algorithm>
#include <deque>

#include "backend/sim/waiting.h"

namespace ringgate {

/// One that has begun.
struct Cancel {
  OperationTicket ticket;
  AccountNumber account = 0;
  KnownAddress source;
  KnownAddress destination;
  KnownServiceType service_type;
  std::uint64_t before = 0;  ///< what arrived later is not meant
  bool found = false;        ///< there was something to cancel
};

/// Those of one shard that are not done, in the order of their turns. Bounded, also by account. One
/// thread.
class Cancels {
 public:
  static constexpr std::size_t count_max = 64;
  static constexpr std::size_t count_of_account_max = 8;
  /// Messages that one call of the backend cancels.
  static constexpr std::size_t slice_max = 256;

  bool empty() const { return all_.empty(); }
  bool full(AccountNumber account) const {
    const auto is_its = [&](const Cancel& one) { return one.account == account; };
    return all_.size() >= count_max ||
           static_cast<std::size_t>(std::ranges::count_if(all_, is_its)) >= count_of_account_max;
  }
  void put(const Cancel& cancel) { all_.push_back(cancel); }
  /// The next in turn; it is put again if it is not done after that.
  Cancel take() {
    const Cancel out = all_.front();
    all_.pop_front();
    return out;
  }

 private:
  std::deque<Cancel> all_;
};

}  // namespace ringgate
