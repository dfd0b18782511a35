// Who may come in: what a program with customers of its own is asked about connections and binds,
// and told of sessions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include <ringgate/api.h>
#include <ringgate/message.h>
#include <ringgate/types.h>

namespace ringgate {
inline namespace RINGGATE_ABI {

enum class BindMode : std::uint8_t { transmitter, receiver, transceiver };

/// Why a session ends. The names go to logs and metrics.
enum class CloseCause : std::uint8_t {
  none,
  peer,          ///< the connection was closed or reset from outside
  framing,       ///< impossible command_length
  session_init,  ///< no successful bind in time
  refused,       ///< bind refused
  turned_away,   ///< connection refused by the gate
  pdu_read,      ///< half a PDU, then silence
  enquire_link,  ///< our enquire_link was not answered
  inactivity,
  unbound,
  unwanted_responses,  ///< many responses in a row that nobody asked for
  no_memory,           ///< an answer is larger than any piece of memory
  gave_way,            ///< not bound, and its place was needed
  write_stall,         ///< the peer does not read
  account_closed,      ///< its account was disabled or removed
  ended,               ///< by the program (Server::end_sessions)
  tls,                 ///< its TLS handshake has failed, or what came later made no sense
  shutdown,
};
/// "enquire_link".
RINGGATE_API std::string_view close_cause_name(CloseCause cause);

/// A connection that has come; nothing of what it may have sent has been read.
struct ConnectRequest {
  SessionId session;
  std::string_view peer;   ///< "192.0.2.7:40000", "[2001:db8::7]:40000"
  std::size_t listener{};  ///< index in Options::listen
};

/// A bind to be decided. Views are good until the call returns.
struct BindRequest {
  SessionId session;
  std::string_view peer;   ///< as in ConnectRequest
  std::size_t listener{};  ///< likewise
  BindMode mode = BindMode::transceiver;
  std::uint8_t version = 0x34;  ///< interface_version, as the client says
  std::string_view system_id;
  std::string_view password;
  std::string_view system_type;
  Address address_range;
  /// Version and cipher suite, as in SessionInfo; empty in plain.
  std::string_view tls;
  /// Whose the certificate is that the client has shown, which was verified: the common name of its
  /// subject, then its alternative names. Empty without one.
  std::span<const std::string> certificate_names;
};

/// The verdict on a bind.
struct BindVerdict {
  SessionId session;
  /// ESME_ROK lets it in as `account`; anything else is the command_status of the refusal.
  Status status = Status::ESME_ROK;
  /// system_id of one of the server's accounts: its limits, its windows, its outbox. The account's
  /// own password is not asked for; that it is enabled, its bind modes and max_binds are.
  std::string_view account;
};

/// The last word about a session.
struct Closed {
  SessionId session;
  CloseCause cause = CloseCause::none;
  std::string_view account;   ///< as which it was bound; empty: it never was
  std::uint64_t pdus_in = 0;  ///< that it sent
  std::uint64_t octets_in = 0;
  std::uint64_t octets_out = 0;
};

/// The way back from a gate into the server. The one passed to a call belongs to that shard and is
/// good during the call; the one passed to on_start is good on any thread and for ever.
class RINGGATE_API Verdicts {
 public:
  /// Decides binds that wait. Stops at the first that is not taken and returns why; `taken` is how
  /// many were before it.
  virtual Posted decide(std::span<const BindVerdict> verdicts, std::size_t& taken) = 0;
  /// Decides one.
  Posted decide(const BindVerdict& verdict) {
    std::size_t taken = 0;
    return decide({&verdict, 1}, taken);
  }

 protected:
  ~Verdicts() = default;
};

/// Implement this where the configured accounts and their passwords are not what decides. A server
/// with a gate asks it about every bind and compares no password itself, whatever the accounts
/// have; one without decides by them.
///
/// Calls come on the shards' threads, concurrently for different shards, never for the same one.
/// Nothing in them may block or throw: a throw ends the process.
class RINGGATE_API Gate {
 public:
  virtual ~Gate() = default;

  /// Once, before anything else, on the thread that starts the server.
  virtual void on_start(unsigned shard_count, const std::shared_ptr<Verdicts>& verdicts) noexcept {
    (void)shard_count;
    (void)verdicts;
  }
  /// Whether that connection may stay. One that may not is closed at once without a word, and
  /// nothing more is said of it.
  virtual bool accepts(const ConnectRequest&) noexcept { return true; }
  /// Binds to be decided, now by `verdicts` or later. One that is not decided within
  /// limits.bind_verdict_ms gets ESME_RBINDFAIL (Counters::binds_unanswered), as one does that
  /// comes while too many wait; what the session sends meanwhile is not read.
  virtual void on_binds(std::span<const BindRequest> binds, Now now,
                        Verdicts& verdicts) noexcept = 0;
  /// Those clients want to end their sessions. They have been answered, or are once their last
  /// requests are.
  virtual void on_unbinds(std::span<const SessionId>) noexcept {}
  /// The last that is heard of each session, whether or not it was bound.
  virtual void on_closed(std::span<const Closed>) noexcept {}
  /// On that shard there is room again for a verdict that was told Posted::full.
  virtual void on_room(unsigned shard) noexcept { (void)shard; }
};

}  // namespace RINGGATE_ABI
}  // namespace ringgate
