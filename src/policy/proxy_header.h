// Whom a proxy speaks for: the header of the PROXY protocol before a connection's first octet.
//
// Version 1, a line:    PROXY SP TCP4|TCP6 SP source SP target SP source-port SP target-port CRLF
//                       PROXY SP UNKNOWN [SP anything] CRLF
//
// Version 2, binary:    0           12                13       14       16
//                       | signature | version command | family | length | addresses | TLVs |
//                       |           |   4       4 bit |        |        |<---- length ---->|
//
// As proxy-protocol.txt of HAProxy has it, sections 2.1 and 2.2.
#pragma once

#include <ringgate/types.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "policy/peer_address.h"

namespace ringgate {

struct ProxyForm;

/// Reads one header. While it is `reading`, the caller receives up to wanted() octets and puts
/// them. These all belong to the header, so nothing of what follows is ever taken: that may be a
/// handshake of TLS, which another reads from the socket itself.
class ProxyHeader {
 public:
  enum class Stage { reading, done, wrong };

  static constexpr std::size_t size_min = 15;    // "PROXY UNKNOWN\r\n"
  static constexpr std::size_t size_max = 2048;  // The specification would allow 65,551.

  Stage stage() const { return stage_; }
  /// As many octets are still to come for certain, and maybe more after them; at least 1 while
  /// reading, at most size_max, 0 afterwards.
  std::size_t wanted() const { return wanted_; }
  /// At most wanted(). A fault shows with the first octet that no header has in that place; nothing
  /// behind it is looked at.
  void put(Octets octets);

  /// Once done: the client as `peer` of address_of() is written, "192.0.2.1:5000" or
  /// "[2001:db8::1]:5000". Empty where the proxy speaks for no client or does not know it (LOCAL,
  /// UNKNOWN, AF_UNSPEC): the connection's own address holds.
  const std::string& peer() const { return peer_; }
  /// Once wrong: why, in a few words.
  std::string_view fault() const { return fault_; }

 private:
  static constexpr std::size_t line_max = 107;

  // Each looks at the last octet, and returns how many are to come at least; 0 ends the header.
  std::size_t on_octet();
  std::size_t on_beginning();
  std::size_t on_line();
  std::size_t on_unknown_line();
  std::size_t on_binary();

  bool end_field();
  std::size_t line_left() const;
  void read_addresses();
  std::size_t refuse(std::string_view fault);

  /// What has come, as far as it is kept.
  std::string_view text() const;

  Stage stage_ = Stage::reading;
  std::size_t wanted_ = size_min;
  std::size_t size_ = 0;
  std::array<std::uint8_t, line_max> octets_{};  // The first ones; TLVs are only counted.
  const ProxyForm* form_ = nullptr;              // Once it is known.
  std::size_t field_ = 0;                        // Of a line, the one that is being read,
  std::size_t field_begin_ = 0;                  // and where it begins.
  std::string peer_;
  std::string_view fault_;
};

}  // namespace ringgate
