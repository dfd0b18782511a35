// What limits one submit: rates of its bind, its account and its listener, and the account's
// quotas. It is taken from all of them or from none.
//
// An account may owe its own rates what a long message or a submit_multi takes beyond a burst. A
// rate that it shares with others it owes a moment's worth at the most: else one could close a
// listener for all.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include <ringgate/options.h>

#include "policy/quota.h"
#include "policy/rate_limit.h"

namespace ringgate {

/// Made for one submit; what it refers to outlives it.
class SubmitLimits {
 public:
  enum class Over : std::uint8_t { nothing, rate, quota };
  /// What came of taking.
  struct Taken {
    Over over = Over::nothing;         ///< which kind of limit refuses
    Status status = Status::ESME_ROK;  ///< what that one answers
  };

  explicit SubmitLimits(Now now) : now_(now) {}

  /// One that is no limit adds nothing.
  void add(const Rate& rate, RateLimit& used, OverRate over, Status status);
  /// Of the period with that index; 0 = no limit.
  void add(std::uint32_t quota, std::size_t period, QuotaUse& used, Status status);

  /// The rate that is shared with other accounts.
  void share(const Rate& rate, RateLimit& used, OverRate over, Status status) {
    shared_ = {&rate, &used, status};
    shared_paces_ = over == OverRate::pace;
  }

  /// Whether anything of its own may be refused.
  bool may_refuse() const { return rejecting_count_ != 0 || quota_count_ != 0; }
  /// For all parts of a message (1: it is whole) to each of so many destinations. A rate that
  /// admits it to one of them admits it, and is owed the rest; of a quota there is no more than
  /// there is.
  Taken take(std::uint32_t parts, std::uint32_t destinations);
  /// From what is shared, which counts each part as it comes: so many.
  Taken take_shared(std::uint32_t count);
  /// Takes from the rates that pace; when the next may come (maybe in the past).
  Nanos pace(std::uint32_t count);
  /// take_shared() is not used, as take() has refused it.
  void give_back_shared(std::uint32_t count);
  /// What a whole message to so many destinations has taken from all is not used after all.
  void give_back(std::uint32_t destinations);

 private:
  struct RateRow {
    const Rate* rate;
    RateLimit* used;
    Status status;
  };
  bool has_shared() const { return shared_.rate != nullptr && shared_.rate->limited(); }

  struct QuotaRow {
    std::uint32_t most;
    std::int64_t length_s;
    QuotaUse* used;
    Status status;
  };

  const Now now_;
  std::array<RateRow, 2> rejecting_{};
  std::array<RateRow, 2> pacing_{};
  std::array<QuotaRow, quota_period_s.size()> quotas_{};
  RateRow shared_{};
  bool shared_paces_ = false;
  std::size_t rejecting_count_ = 0;
  std::size_t pacing_count_ = 0;
  std::size_t quota_count_ = 0;
};

}  // namespace ringgate
