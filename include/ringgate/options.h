// Everything a server can be told. Plain data: fill it in, or let the configuration file do so.
// What each member may be stands in docs/configuration.md, and Server::start holds it against that.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <ringgate/api.h>
#include <ringgate/message.h>

namespace ringgate {
inline namespace RINGGATE_ABI {

/// What is one for the whole node.
struct NodeOptions {
  unsigned id = 1;  ///< 0-255, part of every message id
  /// Message ids show no order, so that nobody can guess those of others from his own. The key is
  /// in data_dir (id.key), or with store mode "none" made from the machine's id.
  bool permuted_ids = true;
  std::string system_id = "Ringgate";  ///< ours, in bind responses; at most 15 characters
  /// The answer to a bind with a system_id that nobody has: ESME_RBINDFAIL or ESME_RINVSYSID.
  Status unknown_system_id = Status::ESME_RBINDFAIL;
  std::string data_dir = "data";  ///< where a journal lives; unused with store mode "none"
  std::string pid_file;           ///< what the daemon writes its process id to; empty = none
  std::string user;         ///< whom the daemon becomes when root starts it; empty = it stays root
  bool core_dumps = false;  ///< whether the daemon may leave its memory, secrets too, in a file
};

/// How many shards, and where they run.
struct CoresOptions {
  unsigned shards = 1;        ///< 0 = one per allowed CPU ("auto")
  std::vector<unsigned> pin;  ///< CPU of each shard; empty = the allowed CPUs in order
  unsigned busy_poll_us = 0;  ///< how long a shard looks for work before it sleeps; 0 = not at all
};

/// Whether clients show certificates of their own.
enum class ClientCertificate : std::uint8_t {
  none,      ///< they are not asked for one
  optional,  ///< one that is shown is verified
  required,  ///< without one there is no session
};

enum class TlsVersion : std::uint8_t { tls12, tls13 };

/// TLS of a listener. Files are PEM, and read when the listener is opened.
struct ListenTlsOptions {
  /// Certificates, each with those that lead to a root behind it in its file. A client that names a
  /// server (SNI) gets the one which has that name, any other the first. Empty = no TLS.
  std::vector<std::string> cert;
  std::vector<std::string> key;  ///< of each certificate
  /// Roots of clients' certificates; needed where those are asked for.
  std::string client_ca;
  ClientCertificate client_certificate = ClientCertificate::none;
  TlsVersion min_version = TlsVersion::tls12;
  /// Cipher suites as wolfSSL names them, with colons between, the best first; empty = those with
  /// forward secrecy and authenticated encryption.
  std::string ciphers;

  /// Says all the same.
  bool operator==(const ListenTlsOptions&) const = default;
};

/// What happens above a rate: the submit is refused, or reading waits.
enum class OverRate : std::uint8_t { reject, pace };

/// Where clients connect.
struct ListenOptions {
  std::string address = "0.0.0.0";  ///< IPv4 or IPv6 literal
  std::uint16_t port = 2775;        ///< 0 = any free one (Server::port tells)
  /// Where connections may come from: addresses, or networks as "192.0.2.0/24". Others are closed
  /// at once. Empty = anywhere.
  std::vector<std::string> networks{};
  /// Load balancers, which say with the PROXY protocol (version 1 or 2) whose connection it is.
  /// From there each has to begin so; from elsewhere none may. Empty = there are none.
  std::vector<std::string> proxy_from{};
  double rate = 0;     ///< submits per second of all connections that came by it; 0 = no limit
  unsigned burst = 0;  ///< submits that may come at once; 0 = a second's worth, at least 1
  OverRate over_rate = OverRate::reject;
  Status rate_status = Status::ESME_RTHROTTLED;  ///< of what is refused for that rate
  ListenTlsOptions tls{};

  /// Whether it speaks TLS, and nothing else.
  bool has_tls() const { return !tls.cert.empty(); }

  /// Says all the same.
  bool operator==(const ListenOptions&) const = default;
};

enum class StoreMode : std::uint8_t { none, journal };

/// Where accepted messages are kept. With a journal, ESME_ROK in a response means that the message
/// is on stable storage.
struct StoreOptions {
  StoreMode mode = StoreMode::none;
  std::uint64_t max_bytes = 4'294'967'296;   ///< of all shards' files together
  std::uint64_t segment_bytes = 33'554'432;  ///< of one file
  unsigned keep_states_s = 86'400;           ///< how long query_sm knows messages that have ended
  unsigned max_states = 65'536;              ///< ... of how many per shard: 32 octets each
  /// With mode none: start although data_dir holds a journal with open messages, which then wait
  /// there.
  bool leave_journal = false;
};

/// Outcome mix of the simulator; weights need not add up to 1.
struct SimOutcomes {
  double delivered = 1.0;
  double expired = 0;
  double deleted = 0;
  double undeliverable = 0;
  double accepted = 0;
  double unknown = 0;
  double rejected = 0;
};

enum class SimDelay : std::uint8_t { constant, uniform, exponential };

/// Messages from subscribers that the simulator makes.
struct SimMoOptions {
  double rate = 0;  ///< per second on each shard; 0 = none
  std::string source = "447700900999";
  std::string destination;  ///< a number of the number plan
  std::string text = "Hello from a subscriber";
};

/// The simulator, which stands in for a backend in the daemon.
struct SimOptions {
  unsigned delay_ms = 1000;  ///< mean time from answer to outcome
  SimDelay delay_distribution = SimDelay::constant;
  SimOutcomes outcomes;
  double submit_error_rate = 0;  ///< 0-1: share of submits answered with submit_error
  Status submit_error = Status::ESME_RSYSERR;
  std::uint64_t seed = 1;
  unsigned history = 65'536;  ///< messages per shard whose state is remembered for query_sm
  SimMoOptions mo;
};

enum class BackendKind : std::uint8_t { sim };

/// Which backend the daemon has. A program passes its own to Server::start, and this is not looked
/// at.
struct BackendOptions {
  BackendKind kind = BackendKind::sim;
  SimOptions sim;
};

/// Bounds and times, for the node or for each session.
struct LimitsOptions {
  unsigned session_init_ms = 10'000;  ///< connect to successful bind
  unsigned bind_verdict_ms = 5'000;   ///< how long a program's gate may take to decide a bind
  unsigned enquire_link_ms = 30'000;  ///< silence after which we send enquire_link; 0 = never
  unsigned inactivity_ms =
      120'000;                    ///< bound, but nothing except enquire_link exchanged; 0 = never
  unsigned response_ms = 30'000;  ///< how long our requests wait for their response
  unsigned max_pdu = 70'000;      ///< octets; at least 1024
  unsigned max_connections = 10'000;  ///< over all shards
  /// Connections that have not bound, over all shards, and of them those from one address (IPv6:
  /// one /64). When there are more, the one that has been silent longest is closed. 0 = a quarter
  /// of max_connections, and half of that.
  unsigned max_unbound = 0;
  unsigned max_unbound_per_address = 0;
  unsigned max_unbound_pdu = 1024;  ///< octets of a PDU before the bind
  /// What one account may have of each shard's open messages, journal, memory for parts of long
  /// messages and for octets on their way, where there are several accounts: 0 to 1.
  double account_share = 0.5;
  unsigned max_open_messages =
      1'048'576;                        ///< per shard: accepted, not yet ended (receipts included)
  unsigned receipt_expiry_s = 172'800;  ///< how long a receipt may wait for a bind
  unsigned drain_ms = 10'000;           ///< how long an orderly end may take
  unsigned password_threads = 2;        ///< that compare passwords with hashes; 1-16
  unsigned tls_threads = 1;             ///< that shake hands; 1-16
  unsigned handshake_rate = 2'000;      ///< TLS handshakes begun per second; 0 = no limit
  /// Wrong passwords, per shard, after which binds are refused unheard: for one system_id from one
  /// address, and from one address whatever the system_id; 0 = never.
  unsigned bind_failures_max = 10;
  unsigned bind_failures_address_max = 100;
  unsigned bind_block_s = 60;  ///< how long
  /// When an account has all its binds, and another comes: how long an older one from the same
  /// address has to answer an enquire_link before it gives way; 0 = none does.
  unsigned ghost_probe_ms = 2000;
};

enum class TlsDemand : std::uint8_t { optional, required };
enum class ReceiptRouting : std::uint8_t { any, same_bind, round_robin };

/// How message ids look to a client. Peers below 3.4 always get eight hexadecimal digits.
enum class IdFormat : std::uint8_t { hex, decimal, uuid };
/// What follows the header of an error response.
enum class ErrorBody : std::uint8_t { none, nul };
enum class SourceTooLong : std::uint8_t { refuse, truncate, pass };
enum class ScheduledDelivery : std::uint8_t { honour, ignore, refuse };
enum class ReceiptPdu : std::uint8_t { deliver_sm, data_sm };

/// err: of a receipt, per outcome.
struct ErrRow {
  std::uint16_t error = 0;  ///< what the backend reported
  std::string text;         ///< what the client reads, at most 8 characters

  /// Says all the same.
  bool operator==(const ErrRow&) const = default;
};

/// Leniency and dialect of one client: switches, never an `if` in a reader. Defaults are what the
/// documents say.
struct QuirkOptions {
  std::string profile = "standard";  ///< the named set these switches started from
  IdFormat message_id = IdFormat::hex;
  std::string receipt_template;  ///< empty = 3.4 Appendix B
  bool receipt_tlvs =
      true;  ///< receipted_message_id, message_state, network_error_code (from 3.4 on)
  ReceiptPdu receipt_pdu = ReceiptPdu::deliver_sm;
  bool receipt_swaps_addresses =
      true;  ///< source = original destination; false keeps them as submitted
  std::vector<ErrRow> err_map;
  DefaultAlphabet default_alphabet = DefaultAlphabet::gsm7;
  bool strip_trailing_nul = false;  ///< one NUL at the end of short_message is not text
  ErrorBody error_body = ErrorBody::none;
  std::uint8_t interface_version = 0;  ///< 0 = what the client says in its bind
  unsigned source_addr_max = 20;       ///< characters
  SourceTooLong source_too_long = SourceTooLong::refuse;
  ScheduledDelivery scheduled_delivery = ScheduledDelivery::honour;
  bool strict_ton_npi = false;           ///< refuse reserved values
  bool lenient_data_coding = false;      ///< let reserved values pass
  bool replace_sm_service_type = false;  ///< Kannel's replace_sm begins with a service_type
  bool long_passwords = false;           ///< its binds may have passwords of more than 8 characters
  Status wrong_credentials = Status::ESME_RBINDFAIL;  ///< or ESME_RINVPASWD

  /// Says all the same.
  bool operator==(const QuirkOptions&) const = default;
};

/// A customer: who may bind, how much, and how it is spoken to.
struct AccountOptions {
  std::string system_id;
  /// False: nobody may bind as this account, and who is bound is unbound. What waits for it goes on
  /// waiting, and expires as ever.
  bool enabled = true;
  std::string password;       ///< plain; exactly one of this and password_hash
  std::string password_hash;  ///< as `mkpasswd` writes it (yescrypt, sha512crypt, ...)
  /// Another one that is right as well, so that a password can be changed while both are in use:
  /// one of these at most.
  std::string next_password;
  std::string next_password_hash;
  TlsDemand tls = TlsDemand::optional;  ///< whether it may bind in plain
  /// A name that the certificate of its client has to have: the common name of its subject, or an
  /// alternative name. Empty = none is needed.
  std::string certificate;
  /// Where it may bind from: addresses, or networks as "192.0.2.0/24". Empty = anywhere.
  std::vector<std::string> networks;
  bool submits = true;  ///< false: its submits get ESME_RSUBMITFAIL
  bool bind_tx = true;
  bool bind_rx = true;
  bool bind_trx = true;
  unsigned max_binds = 0;     ///< over all shards; 0 = no limit
  unsigned max_binds_tx = 0;  ///< ... of those, as transmitter; as receiver; as transceiver
  unsigned max_binds_rx = 0;
  unsigned max_binds_trx = 0;
  unsigned max_binds_per_address = 0;  ///< ... from one address (IPv6: one /64)
  /// Addresses that it may send from: exact ("ACME"), a prefix ("4477*") or a pattern
  /// ("/[A-Z]{3,11}/"), with TON and NPI before it where they matter ("5/0 ACME"). Empty = any.
  std::vector<std::string> sources;
  /// Prefixes that it may send to, and may not; the longest that fits decides. Without any of the
  /// first, all that are not denied are allowed.
  std::vector<std::string> destinations;
  std::vector<std::string> denied_destinations;
  double rate = 0;     ///< submits per second over all binds and shards; 0 = no limit
  unsigned burst = 0;  ///< submits that may come at once after a pause; 0 = a second's worth, at
                       ///< least 1
  OverRate over_rate = OverRate::reject;
  Status rate_status = Status::ESME_RTHROTTLED;  ///< of what is refused for that rate
  double bind_rate = 0;                          ///< submits per second of each bind; 0 = no limit
  unsigned bind_burst = 0;  ///< as burst, of bind_rate; over_rate holds for it too
  Status bind_rate_status = Status::ESME_RTHROTTLED;
  /// Submits from one full minute to the next, and from one midnight (UTC) to the next, over all
  /// binds and shards; 0 = no limit. More are refused.
  unsigned minute_quota = 0;
  Status minute_quota_status = Status::ESME_RTHROTTLED;
  unsigned day_quota = 0;
  Status day_quota_status = Status::ESME_RTHROTTLED;
  unsigned submit_window = 1000;  ///< unanswered submits per bind before reading stops
  unsigned deliver_window = 64;   ///< unanswered deliver_sm per bind
  /// query_sm, cancel_sm, replace_sm and broadcast operations per second over all binds and shards;
  /// 0 = no limit. A cancel without an id counts as ten.
  double operation_rate = 1000;
  ReceiptRouting receipts = ReceiptRouting::any;
  unsigned resubmit_window_s = 0;  ///< how long a repeated submit gets the first one's id; 0 = off
  unsigned resubmit_tag = 0x0204;  ///< TLV by which the client says so: user_message_reference
  QuirkOptions quirks;
  unsigned max_outbox =
      1'000'000;  ///< open messages that may owe a receipt, per shard; more get ESME_RMSGQFUL
  /// Open messages per shard, receipt or not; 0 = limits.account_share of max_open_messages.
  unsigned max_open = 0;
  /// Octets of open messages in each shard's journal; 0 = limits.account_share of its files.
  std::uint64_t max_journal_bytes = 0;

  /// Says all the same.
  bool operator==(const AccountOptions&) const = default;
};

/// Accounts in files of their own, which only who reads a configuration file looks at: a program
/// puts them into Options::accounts itself.
struct AccountFilesOptions {
  std::string dir;  ///< of files with one account each; empty = none
};

/// Who owns a number that messages come for (MO). Exactly one of the three forms.
struct NumberOptions {
  std::string exact;        ///< "447700900123"
  std::string prefix;       ///< "4477009"
  std::string first, last;  ///< a range of numbers of the same length, both included
  std::string account;      ///< system_id

  /// Says all the same.
  bool operator==(const NumberOptions&) const = default;
};

/// Reassembly of long messages.
struct LongMessageOptions {
  unsigned expiry_s = 300;            ///< from the first part
  unsigned max_per_account = 10'000;  ///< incomplete messages
  unsigned max_octets = 64u << 20;    ///< of incomplete messages, per shard
};

/// All that a server is told; what a configuration file can say, under the same names.
struct Options {
  NodeOptions node;
  CoresOptions cores;
  std::vector<ListenOptions> listen;  ///< empty = one as it comes
  StoreOptions store;
  BackendOptions backend;
  LimitsOptions limits;
  AccountFilesOptions account_files;
  std::vector<AccountOptions> accounts;
  std::vector<NumberOptions> numbers;
  LongMessageOptions long_messages;
};

}  // namespace RINGGATE_ABI
}  // namespace ringgate
