// Whom a connection counts for, where nobody has bound yet: the address it comes from.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ringgate {

/// The address of `peer`, the text of a connection's other end ("192.0.2.1:5000",
/// "[2001:db8::1]:5000"), in the form by which tables count: IPv4 whole, also where it is written
/// inside IPv6 ("192.0.2.1"); IPv6 by its first 64 bits ("2001:db8:0:1::/64"), because one customer
/// has at least that many addresses and could otherwise be a new one with every connection.
/// Anything else is itself, up to its last colon. Equal addresses give equal texts, of at most
/// `peer_address_max` octets unless `peer` was no address.
std::string address_of(std::string_view peer);

/// An address as 128 bits, from the left; IPv4 as IPv6 writes it (::ffff:192.0.2.1).
using AddressGroups = std::array<std::uint16_t, 8>;
/// Of an IPv4 or IPv6 literal without port and brackets.
std::optional<AddressGroups> parse_address(std::string_view text);

/// The same whole: without port and brackets. "" of a text that has neither.
std::string_view host_of(std::string_view peer);

inline constexpr std::size_t peer_address_max = 24;  // "ffff:ffff:ffff:ffff::/64"

}  // namespace ringgate
