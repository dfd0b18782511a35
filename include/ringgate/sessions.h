// The sessions of a server: who is there, and how a program ends them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <ringgate/api.h>
#include <ringgate/gate.h>
#include <ringgate/types.h>

namespace ringgate {
inline namespace RINGGATE_ABI {

enum class SessionState : std::uint8_t {
  open,  ///< connected, and not bound
  bound,
  unbinding,  ///< one side has said that it will unbind
  closing,    ///< over: what is left is being sent
};
/// "unbinding".
RINGGATE_API std::string_view session_state_name(SessionState state);

/// A session at the moment at which its shard was asked. A value of its own: it stays as it is.
struct SessionInfo {
  SessionId session;
  SessionState state = SessionState::open;
  std::string peer;                       ///< "192.0.2.7:40000", "[2001:db8::7]:40000"
  std::size_t listener{};                 ///< as in ConnectRequest
  std::string tls;                        ///< "TLSv1.3 TLS13-AES128-GCM-SHA256"; empty: in plain
  std::string account;                    ///< as which it is bound, or was; empty: it never was
  BindMode mode = BindMode::transceiver;  ///< of no meaning without an account
  std::uint8_t version = 0x34;            ///< interface_version: what the client understands
  std::int64_t connected_s = 0;           ///< seconds since 1970 UTC
  std::int64_t bound_s = 0;               ///< likewise; 0: it never was
  std::uint64_t silent_ms = 0;            ///< since the last octets of the peer
  std::uint32_t submits_open = 0;         ///< requests of the client without an answer yet
  std::uint32_t submit_window = 0;        ///< and how many it may have
  std::uint32_t delivers_open = 0;        ///< deliver_sm and data_sm that it has not answered yet
  std::uint32_t deliver_window = 0;       ///< and how many it gets at once
  std::uint64_t pdus_in = 0;              ///< that it sent
  std::uint64_t octets_in = 0;
  std::uint64_t octets_out = 0;
  std::uint64_t octets_waiting = 0;  ///< of ours, until it reads
};

/// Sessions that fit all of these; what is left empty fits any. The empty filter is every session.
struct SessionFilter {
  SessionId session;
  std::string account;  ///< system_id of the account as which it is bound, or was
  std::string address;  ///< of the peer: an IPv4 or IPv6 literal, without port or brackets
};

/// How sessions end.
struct SessionEnd {
  /// Nothing new is taken from the client nor sent to it; once all that it had asked for is
  /// answered, or half of `grace_ms` is over, it gets unbind, and it is closed when it has answered
  /// or `grace_ms` is over. False: closed at once, without a word, whatever is on its way to it. A
  /// session that is not bound is always just closed. Of several ends the sooner one holds.
  bool unbind = true;
  std::uint32_t grace_ms = 5'000;  ///< up to an hour
};

}  // namespace RINGGATE_ABI
}  // namespace ringgate
