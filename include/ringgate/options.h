// Everything a server can be told. Plain data: fill it in, or let the configuration file do so.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <ringgate/message.h>

namespace ringgate {

struct NodeOptions {
  unsigned id = 1;                ///< 0-255, part of every message id
  std::string data_dir = "data";  ///< where a journal lives; unused with store mode "none"
};

struct CoresOptions {
  unsigned shards = 1;        ///< 0 = one per allowed CPU ("auto")
  std::vector<unsigned> pin;  ///< CPU of each shard; empty = the allowed CPUs in order
};

struct ListenOptions {
  std::string address = "0.0.0.0";  ///< IPv4 or IPv6 literal
  std::uint16_t port = 2775;        ///< 0 = any free one (Server::port tells)
};

enum class StoreMode : std::uint8_t { none };

struct StoreOptions {
  StoreMode mode = StoreMode::none;
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

struct SimOptions {
  unsigned delay_ms = 1000;  ///< mean time from answer to outcome
  SimDelay delay_distribution = SimDelay::constant;
  SimOutcomes outcomes;
  double submit_error_rate = 0;  ///< 0-1: share of submits answered with submit_error
  Status submit_error = Status::ESME_RSYSERR;
  std::uint64_t seed = 1;
};

enum class BackendKind : std::uint8_t { sim };

struct BackendOptions {
  BackendKind kind = BackendKind::sim;
  SimOptions sim;
};

struct LimitsOptions {
  unsigned session_init_ms = 10'000;  ///< connect to successful bind
  unsigned enquire_link_ms = 30'000;  ///< silence after which we send enquire_link; 0 = never
  unsigned inactivity_ms =
      120'000;                    ///< bound, but nothing except enquire_link exchanged; 0 = never
  unsigned response_ms = 30'000;  ///< how long our requests wait for their response
  unsigned max_pdu = 70'000;      ///< octets; at least 1024
  unsigned max_connections = 10'000;  ///< over all shards
  unsigned max_open_messages =
      1'048'576;                        ///< per shard: accepted, not yet ended (receipts included)
  unsigned receipt_expiry_s = 172'800;  ///< how long a receipt may wait for a bind
};

enum class OverRate : std::uint8_t { reject, pace };
enum class ReceiptRouting : std::uint8_t { any, same_bind, round_robin };

struct AccountOptions {
  std::string system_id;
  std::string password;       ///< plain; exactly one of this and password_hash
  std::string password_hash;  ///< as `mkpasswd` writes it (yescrypt, sha512crypt, ...)
  bool bind_tx = true;
  bool bind_rx = true;
  bool bind_trx = true;
  unsigned max_binds = 0;  ///< over all shards; 0 = no limit
  double rate = 0;         ///< submits per second over all binds and shards; 0 = no limit
  unsigned burst = 0;      ///< submits that may come at once after a pause; 0 = a fiftieth of a
                           ///< second's worth, at least 1
  OverRate over_rate = OverRate::reject;
  unsigned submit_window = 1000;  ///< unanswered submits per bind before reading stops
  unsigned deliver_window = 64;   ///< unanswered deliver_sm per bind
  ReceiptRouting receipts = ReceiptRouting::any;
  unsigned max_outbox =
      1'000'000;  ///< open messages that may owe a receipt, per shard; more get ESME_RMSGQFUL
};

struct Options {
  NodeOptions node;
  CoresOptions cores;
  std::vector<ListenOptions> listen;
  StoreOptions store;
  BackendOptions backend;
  LimitsOptions limits;
  std::vector<AccountOptions> accounts;
};

}  // namespace ringgate
