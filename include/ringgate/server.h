// The edge as a library: options and a backend in, SMPP out.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <ringgate/backend.h>
#include <ringgate/counters.h>
#include <ringgate/log.h>
#include <ringgate/options.h>

namespace ringgate {

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
