#include "policy/peer_address.h"

#include <array>
#include <charconv>
#include <cstdint>
#include <optional>

namespace ringgate {
namespace {

using Groups = AddressGroups;

template <class Number>
std::optional<Number> whole_number(std::string_view text, int base, std::size_t digits_max) {
  Number out{};
  if (text.empty() || text.size() > digits_max) return std::nullopt;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out, base);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return out;
}

/// Dotted decimal, without zeros in front, which some read as octal.
std::optional<std::uint32_t> ipv4_of(std::string_view text) {
  std::uint32_t out = 0;
  for (int i = 0; i < 4; ++i) {
    const std::size_t end = i == 3 ? text.size() : text.find('.');
    if (end == text.npos) return std::nullopt;
    const std::string_view digits = text.substr(0, end);
    const auto octet = whole_number<std::uint8_t>(digits, 10, 3);
    if (!octet || (digits.size() > 1 && digits.front() == '0')) return std::nullopt;
    out = out << 8 | *octet;
    text.remove_prefix(i == 3 ? end : end + 1);
  }
  return out;
}

std::string ipv4_text(std::uint32_t address) {
  std::string out;
  for (int shift = 24; shift >= 0; shift -= 8) {
    if (!out.empty()) out.push_back('.');
    out.append(std::to_string(address >> shift & 0xFF));
  }
  return out;
}

/// The groups of one side of "::"; at the end of an address the last may be dotted decimal. Their
/// count, or nothing.
std::optional<std::size_t> groups_of(std::string_view text, bool at_end, Groups& out) {
  std::size_t count = 0;
  while (!text.empty()) {
    const std::size_t colon = text.find(':');
    const std::string_view group = text.substr(0, colon);
    if (at_end && colon == text.npos && group.find('.') != group.npos) {
      const auto address = ipv4_of(group);
      if (!address || count + 2 > out.size()) return std::nullopt;
      out[count++] = static_cast<std::uint16_t>(*address >> 16);
      out[count++] = static_cast<std::uint16_t>(*address);
      return count;
    }
    const auto value = whole_number<std::uint16_t>(group, 16, 4);
    if (!value || count == out.size()) return std::nullopt;
    out[count++] = *value;
    if (colon == text.npos) break;
    text.remove_prefix(colon + 1);
    if (text.empty()) return std::nullopt;
  }
  return count;
}

std::optional<Groups> ipv6_of(std::string_view text) {
  text = text.substr(0, text.find('%'));  // The zone is ours, not the peer's.
  Groups left{};
  Groups right{};
  const std::size_t gap = text.find("::");
  const auto left_count = groups_of(text.substr(0, gap), gap == text.npos, left);
  if (!left_count) return std::nullopt;
  if (gap == text.npos) return *left_count == left.size() ? std::optional(left) : std::nullopt;
  const auto right_count = groups_of(text.substr(gap + 2), true, right);
  if (!right_count || *left_count + *right_count >= left.size()) return std::nullopt;
  for (std::size_t i = 0; i < *right_count; ++i) left[left.size() - *right_count + i] = right[i];
  return left;
}

std::string ipv6_network(const Groups& groups) {
  bool mapped = groups[5] == 0xFFFF;
  for (std::size_t i = 0; i < 5; ++i) mapped = mapped && groups[i] == 0;
  if (mapped) return ipv4_text(std::uint32_t{groups[6]} << 16 | groups[7]);
  std::string out;
  for (std::size_t i = 0; i < 4; ++i) {
    char digits[4];
    const auto [end, error] = std::to_chars(digits, digits + sizeof digits, groups[i], 16);
    static_cast<void>(error);
    out.append(digits, end).push_back(':');
  }
  return out.append(":/64");
}

}  // namespace

std::string address_of(std::string_view peer) {
  const std::size_t colon = peer.rfind(':');
  if (peer.starts_with('[')) {
    const std::size_t bracket = peer.rfind(']');
    if (bracket != peer.npos)
      if (const auto groups = ipv6_of(peer.substr(1, bracket - 1))) return ipv6_network(*groups);
  } else if (const auto address = ipv4_of(peer.substr(0, colon))) {
    return ipv4_text(*address);
  }
  return std::string(peer.substr(0, colon));
}

std::optional<AddressGroups> parse_address(std::string_view text) {
  if (text.find(':') != text.npos) return ipv6_of(text);
  const auto address = ipv4_of(text);
  if (!address) return std::nullopt;
  return Groups{0,
                0,
                0,
                0,
                0,
                0xFFFF,
                static_cast<std::uint16_t>(*address >> 16),
                static_cast<std::uint16_t>(*address)};
}

std::string_view host_of(std::string_view peer) {
  const std::size_t colon = peer.rfind(':');
  if (colon == peer.npos) return {};
  const std::string_view host = peer.substr(0, colon);
  if (!host.starts_with('[') || !host.ends_with(']')) return host;
  return host.substr(1, host.size() - 2);
}

}  // namespace ringgate
