// The edge as a library: options and a backend in, SMPP out.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <ringgate/api.h>
#include <ringgate/backend.h>
#include <ringgate/counters.h>
#include <ringgate/gate.h>
#include <ringgate/log.h>
#include <ringgate/options.h>
#include <ringgate/sessions.h>
#include <ringgate/tls.h>

namespace ringgate {
inline namespace RINGGATE_ABI {

/// Totals over all shards since start. Each number is read without stopping anything, so they may
/// disagree by a turn.
using Counters = CountersOf<std::uint64_t>;

/// An ESME to be asked for a bind (outbind, 5.0 §2.2.2).
struct OutbindOptions {
  std::string address;  ///< IPv4 or IPv6 literal
  std::uint16_t port = 2775;
  std::string system_id;  ///< ours, at most 15 characters
  std::string password;   ///< at most 8 characters
};

/// What a change of accounts has done, by system_id.
struct AccountsDiff {
  std::vector<std::string> added;
  std::vector<std::string> changed;
  std::vector<std::string> removed;
  bool numbers = false;  ///< whose numbers are whose is another thing now

  /// Nothing has changed.
  bool empty() const { return added.empty() && changed.empty() && removed.empty() && !numbers; }
};

/// Some of the accounts, to be changed.
struct AccountsUpdate {
  std::vector<AccountOptions> put;  ///< new ones, or all of what those of that system_id are now
  std::vector<std::string> remove;  ///< system_ids
  /// Every rule there shall be, with the accounts as they are then; empty: those there are.
  std::optional<std::vector<NumberOptions>> numbers;
};

/// Shards that serve clients, from start() to stop().
class RINGGATE_API Server {
 public:
  /// Opens the listeners, starts one pinned thread per shard, and returns when clients can bind.
  /// The backend and the log (null = silence) must outlive the server. On failure returns null and
  /// explains it in `error`: one line for each mistake in `options` (whatever `ringgate check`
  /// would refuse in a file, by the names of docs/configuration.md), or one for what else went
  /// wrong. With a gate, which outlives the server too, it decides who binds. `tls`: what
  /// listeners with TLS have it from (make_tls_engine()); without, there are none.
  static std::unique_ptr<Server> start(const Options& options, Backend& backend, Log* log,
                                       std::string& error, Gate* gate = nullptr,
                                       std::shared_ptr<TlsEngine> tls = nullptr);

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
  /// Whether one has. Any thread.
  virtual bool failed() const = 0;

  // Accounts, while messages flow.
  //
  // A change is checked first and then takes place as a whole, or not at all. Sessions stay: rates,
  // windows, bounds and quirks are the new ones from the next message on (but for a session's
  // interface_version and form of message ids, which it was told when it bound), passwords, bind
  // modes and max_binds from the next bind on. An account that is not `enabled`, or removed, is
  // unbound; what waits for it is kept for its time, and for the account if it comes back, also
  // from the journal. What has been used of its rates, its bind count and its repetitions outlives
  // any change. When these calls return, every shard works with the new accounts.
  //
  // Any thread but a shard's, where a change would wait for itself. Each returns one line for each
  // mistake, by the names that docs/configuration.md has; empty: it is done, and `diff` says what
  // that was.

  /// Puts all of these in the place of all there are.
  virtual std::string set_accounts(const std::vector<AccountOptions>& accounts,
                                   const std::vector<NumberOptions>& numbers,
                                   AccountsDiff& diff) = 0;
  /// Changes some and leaves the others. An unknown system_id in `remove` is a mistake.
  virtual std::string update_accounts(const AccountsUpdate& update, AccountsDiff& diff) = 0;

  // Sessions, whichever shards they are on.
  //
  // Those that wait do so for every shard's next turn, on any thread but a shard's, and return one
  // line about what is wrong; empty: it is done. Sessions that come meanwhile may be missed.

  /// Puts those that fit into `sessions`, in no order. Each is as its shard saw it in one turn,
  /// none of which looks at more than a thousand connections for this.
  virtual std::string list_sessions(const SessionFilter& filter,
                                    std::vector<SessionInfo>& sessions) = 0;
  /// Begins to end those that fit (CloseCause::ended); `ended` says how many. They may bind again:
  /// an account is kept out by AccountOptions::enabled.
  virtual std::string end_sessions(const SessionFilter& filter, const SessionEnd& how,
                                   std::uint64_t& ended) = 0;
  /// The same for one, on any thread and without waiting. `ok` is on its way, also to a session
  /// that is no more; `misuse`: such a name or such an end there cannot be.
  virtual Posted end_session(SessionId session, const SessionEnd& how = {}) = 0;

  // Listeners. As above they return one line, and are not for a shard's thread.

  /// Another one; `listener` is its index, which no other one of this server ever has.
  virtual std::string listen(const ListenOptions& options, std::size_t& listener) = 0;
  /// Closes it for good. Sessions that came by it stay; a connection that has not been accepted
  /// yet is reset.
  virtual std::string stop_listening(std::size_t listener) = 0;
  /// Reads the certificates and keys of every listener with TLS anew. Connections that come from
  /// now on get the new ones, those that there are stay as they are. Where a file is no good
  /// nothing changes, and it says which.
  virtual std::string reload_certificates() = 0;
  /// Of every listener with TLS.
  virtual std::vector<ListenerCertificate> certificates() const = 0;

  /// Lines below that level are no longer written; `info` at the start. Any thread.
  virtual void set_log_level(LogLevel least) = 0;

  /// The port a listener really has (useful with port 0); 0 for one that there is not, or not any
  /// more. Any thread.
  virtual std::uint16_t port(std::size_t listener = 0) const = 0;

  /// Connects to an ESME and sends it an outbind; if it then binds it is a client like any other.
  /// Waits for the connection, at most ten seconds. Returns one line of explanation on failure, as
  /// on a shard's thread, which may not wait.
  virtual std::string outbind(const OutbindOptions& options) = 0;

  /// Those that the backend got with on_start: any thread, while this server exists.
  virtual Replies& replies() = 0;

  /// What has happened so far. Any thread.
  virtual Counters counters() const = 0;

  /// The io_uring capabilities found, as one line for people.
  virtual std::string capabilities() const = 0;
};

}  // namespace RINGGATE_ABI
}  // namespace ringgate
