// The edge as a library: options and a backend in, SMPP out.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <ringgate/backend.h>
#include <ringgate/log.h>
#include <ringgate/options.h>

namespace ringgate {

/// Totals over all shards since start. Each number is read without stopping anything, so they may
/// disagree by a turn.
struct Counters {
  std::uint64_t connections = 0;  ///< accepted
  std::uint64_t connections_open = 0;
  std::uint64_t binds_ok = 0;
  std::uint64_t binds_refused = 0;
  std::uint64_t binds_open = 0;
  std::uint64_t binds_blocked = 0;    ///< refused unheard after too many wrong passwords
  std::uint64_t passwords_asked = 0;  ///< comparisons with hashes, decoys included
  std::uint64_t passwords_known = 0;  ///< binds whose hashed password had been found right before
  std::uint64_t pdus_in = 0;
  std::uint64_t submits = 0;            ///< submit_sm seen
  std::uint64_t submits_ok = 0;         ///< answered ESME_ROK
  std::uint64_t submits_throttled = 0;  ///< answered ESME_RTHROTTLED by a rate limit
  std::uint64_t submits_refused = 0;    ///< any other error
  std::uint64_t delivers_sent = 0;      ///< deliver_sm written, retries included
  std::uint64_t delivers_ok = 0;
  std::uint64_t delivers_retried = 0;
  std::uint64_t delivers_refused = 0;  ///< ended by RX_R_APPN or RX_P_APPN
  std::uint64_t delivers_expired = 0;
  std::uint64_t messages_open = 0;   ///< accepted and not yet ended, on all shards
  std::uint64_t outbox_waiting = 0;  ///< receipts and MO that no bind has taken
  std::uint64_t operations = 0;      ///< query_sm, cancel_sm, replace_sm, broadcast operations
  std::uint64_t operations_throttled = 0;  ///< answered ESME_RTHROTTLED
  std::uint64_t mo_accepted = 0;           ///< messages taken for clients (Replies::deliver)
  std::uint64_t alerts_sent = 0;           ///< alert_notification written
  std::uint64_t parts = 0;                 ///< parts of long messages that were accepted
  std::uint64_t parts_refused = 0;  ///< not put together: a bound was reached, or they disagree
  std::uint64_t long_messages = 0;  ///< told to the backend
  std::uint64_t incomplete_messages = 0;  ///< given up after long_messages.expiry_s
  std::uint64_t doorbells = 0;            ///< wakes sent to sleeping shards
  std::uint64_t messages_restored = 0;    ///< taken over from an earlier run
  std::uint64_t resubmits = 0;            ///< answered with the id of an earlier submit
  std::uint64_t resubmits_lost = 0;       ///< remembered for a shorter time than was asked for
  std::uint64_t states_lost = 0;          ///< known for a shorter time than store.keep_states_s
  std::uint64_t delivers_suspended = 0;   ///< destinations suspended by RX_P_APPN
  std::uint64_t suspensions_lost = 0;     ///< ... that gave way to newer ones of their account
  std::uint64_t journal_octets = 0;       ///< written, padding included
  std::uint64_t journal_accepted = 0;     ///< octets of the records of new messages
  std::uint64_t journal_batches = 0;      ///< synced writes
  std::uint64_t journal_rewritten = 0;    ///< octets moved forward out of old segments
  std::uint64_t journal_used = 0;         ///< octets of the segments in use
  std::uint64_t journal_live = 0;         ///< messages that the journal keeps
  /// Things of one account that were about to be written to a connection of another, and were not:
  /// an error of ours. Anything but 0 is worth a report.
  std::uint64_t misrouted = 0;
  std::uint64_t strangers = 0;            ///< connections that have not bound, now
  std::uint64_t gave_way = 0;             ///< strangers closed because their place was needed
  std::uint64_t connections_refused = 0;  ///< closed at once because there was no place
};

/// An ESME to be asked for a bind (outbind, 5.0 §2.2.2).
struct OutbindOptions {
  std::string address;  ///< IPv4 or IPv6 literal
  std::uint16_t port = 2775;
  std::string system_id;  ///< ours, at most 15 characters
  std::string password;   ///< at most 8 characters
};

class Server {
 public:
  /// Opens the listeners, starts one pinned thread per shard, and returns when clients can bind.
  /// The backend and the log (null = silence) must outlive the server. On failure returns null and
  /// explains it in `error`: one line for each mistake in `options` (whatever `ringgate check`
  /// would refuse in a file, by the names of docs/configuration.md), or one for what else went
  /// wrong.
  static std::unique_ptr<Server> start(const Options& options, Backend& backend, Log* log,
                                       std::string& error);

  /// Descriptors that start() wants the soft limit of this process (RLIMIT_NOFILE) to allow, and
  /// fails without: a connection each, and the server's own. What the program opens besides comes
  /// on top. 0 where `options` make no sense, which start() explains. Any thread.
  static std::uint64_t descriptors_needed(const Options& options);

  /// Stops if that has not happened. Not on a shard's thread.
  virtual ~Server() = default;

  /// An orderly end, within limits.drain_ms and a few seconds: new binds get ESME_RBINDFAIL and new
  /// submits ESME_RSUBMITFAIL, what is under way is finished, every session is unbound, the journal
  /// is synced, the threads are joined. After a failure of the journal at once and without a word,
  /// since no answer could be true. Any thread; on a shard's it only asks for the end and does not
  /// wait, so another stop(), or the destructor, has to follow elsewhere.
  virtual void stop() = 0;

  /// Makes a stop() that is under way on another thread wait for nothing but the unbind_resps.
  virtual void hurry() = 0;

  /// `handler` is called once if a journal fails, on a shard's thread (or here, if that has
  /// happened already). From then on nothing is acknowledged; what remains is to end the process.
  virtual void on_failure(std::function<void()> handler) = 0;
  virtual bool failed() const = 0;

  /// The port a listener really has (useful with port 0); 0 for one that there is not.
  virtual std::uint16_t port(std::size_t listener = 0) const = 0;

  /// Connects to an ESME and sends it an outbind; if it then binds it is a client like any other.
  /// Waits for the connection, at most ten seconds. Returns one line of explanation on failure, as
  /// on a shard's thread, which may not wait.
  virtual std::string outbind(const OutbindOptions& options) = 0;

  /// Those that the backend got with on_start: any thread, while this server exists.
  virtual Replies& replies() = 0;

  virtual Counters counters() const = 0;

  /// The io_uring capabilities found, as one line for people.
  virtual std::string capabilities() const = 0;
};

}  // namespace ringgate
