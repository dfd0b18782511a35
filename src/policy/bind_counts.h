// How many binds an account has: in all, in each mode, and from each address.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>

#include <ringgate/gate.h>
#include <ringgate/options.h>

#include "policy/hold.h"
#include "policy/rate_limit.h"

namespace ringgate {

/// Shared by all shards. Any thread.
class BindCounts {
 public:
  /// Counts one more, if the account may have it.
  bool open(const AccountOptions& account, BindMode mode, const std::string& address);
  void close(BindMode mode, const std::string& address);
  /// Whether there are any from that address, which may be asked whether they live: that has a
  /// rate, of each address and of all together.
  bool may_hunt(const std::string& address, Nanos now);

  std::uint32_t all() const;

 private:
  static constexpr std::size_t modes = 3;

  mutable HoldFlag held_;
  std::uint32_t all_ = 0;
  std::array<std::uint32_t, modes> of_mode_{};
  struct OfAddress {
    std::uint32_t open = 0;
    RateLimit hunts{0};
  };

  std::unordered_map<std::string, OfAddress> of_address_;
  RateLimit hunts_{0};
};

}  // namespace ringgate
