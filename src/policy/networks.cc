#include "policy/networks.h"

#include <algorithm>
#include <charconv>

#include "base/assert.h"

namespace ringgate {
namespace {

constexpr unsigned group_bits = 16;
constexpr unsigned address_bits = 128;
constexpr unsigned ipv4_bits = 32;

/// Of that group, the bits that a prefix of that length has.
std::uint16_t mask(unsigned length, std::size_t group) {
  const auto first = static_cast<unsigned>(group) * group_bits;
  if (length <= first) return 0;
  const unsigned bits = std::min(length - first, group_bits);
  return static_cast<std::uint16_t>(0xFFFFu << (group_bits - bits));
}

}  // namespace

std::optional<Network> Network::parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto address = parse_address(text.substr(0, slash));
  if (!address || text.find('%') != text.npos) return std::nullopt;
  Network out;
  out.prefix_ = *address;
  if (slash == text.npos) return out;
  const std::string_view digits = text.substr(slash + 1);
  unsigned length = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), length);
  if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  const bool is_ipv4 = text.find(':') == text.npos;
  if (length > (is_ipv4 ? ipv4_bits : address_bits)) return std::nullopt;
  out.length_ = is_ipv4 ? length + address_bits - ipv4_bits : length;
  for (std::size_t i = 0; i < out.prefix_.size(); ++i)
    if ((out.prefix_[i] & ~mask(out.length_, i) & 0xFFFF) != 0) return std::nullopt;
  return out;
}

bool Network::contains(const AddressGroups& address) const {
  for (std::size_t i = 0; i < prefix_.size(); ++i)
    if ((address[i] & mask(length_, i)) != prefix_[i]) return false;
  return true;
}

Networks::Networks(std::span<const std::string> texts) {
  for (const std::string& text : texts) {
    const auto network = Network::parse(text);
    ASSERT(network);
    networks_.push_back(*network);
  }
}

bool Networks::contain(std::string_view peer) const {
  if (networks_.empty()) return true;
  const auto address = parse_address(host_of(peer));
  if (!address) return false;
  return std::any_of(networks_.begin(), networks_.end(),
                     [&](const Network& network) { return network.contains(*address); });
}

}  // namespace ringgate
