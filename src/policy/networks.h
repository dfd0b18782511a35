// Where connections may come from.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "policy/peer_address.h"

namespace ringgate {

/// The addresses that begin alike.
class Network {
 public:
  /// "192.0.2.0/24", "2001:db8::/32", or a single address. What stands behind the prefix must be 0,
  /// for who writes 192.0.2.7/24 may mean either.
  static std::optional<Network> parse(std::string_view text);

  bool contains(const AddressGroups& address) const;

 private:
  AddressGroups prefix_{};
  unsigned length_ = 128;  // in bits, of the 128
};

/// Any of some networks; none means everywhere.
class Networks {
 public:
  Networks() = default;
  /// Each can be parsed.
  explicit Networks(std::span<const std::string> texts);

  /// `peer`: an address, with its port. What is no address is in no network.
  bool contain(std::string_view peer) const;

 private:
  std::vector<Network> networks_;
};

}  // namespace ringgate
