// The server under test, in this process: the simulator behind it, and somebody who watches what
// gets through to the simulator.
#pragma once

#include <ringgate/server.h>

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "backend/sim/simulator.h"

namespace ringgate::hostile {

/// Where the certificates are if peers and servers of these tests speak TLS; null: they do not.
const char* tls_directory();

/// A submit that was accepted as sound.
struct Seen {
  std::string text;
  std::string tlvs;
};

/// The simulator, watched. A text of the form "status 0x101" is answered with that command_status,
/// as a backend with reasons of its own would.
class Watcher final : public Backend {
 public:
  Watcher();

  /// What came since the last call.
  std::vector<Seen> take_seen();

  void on_start(unsigned shard_count, Now now,
                const std::shared_ptr<Replies>& replies) noexcept override {
    simulator_.on_start(shard_count, now, replies);
  }
  void on_submits(std::span<const Submit> submits, Now now, Replies& replies) noexcept override;
  void on_operations(std::span<const Operation> operations, Now now,
                     Replies& replies) noexcept override {
    simulator_.on_operations(operations, now, replies);
  }
  Nanos deadline(unsigned shard) const noexcept override { return simulator_.deadline(shard); }
  void on_deadline(Now now, Replies& replies) noexcept override {
    simulator_.on_deadline(now, replies);
  }

 private:
  Simulator simulator_;
  std::mutex mutex_;
  std::vector<Seen> seen_;
};

class LogLines final : public Log {
 public:
  void write(LogLevel level, std::string_view line) override;
  /// Lines that contain `part`, of at least that level.
  std::size_t count(std::string_view part, LogLevel level = LogLevel::info);

 private:
  std::mutex mutex_;
  std::vector<std::pair<LogLevel, std::string>> lines_;
};

/// Accounts: `esme` (everything as the documents say), `other` (somebody else), `strict`
/// (strict_ton_npi), `lenient` (lenient_data_coding), `kannel` (replace_sm_service_type), `tx`
/// (transmitters only), `one` (one bind), `passwd` (says ESME_RINVPASWD). All with the password
/// "secret". Numbers that begin with 3333 belong to `mo`.
Options site_options();

class Site {
 public:
  explicit Site(const Options& options);
  Site() : Site(site_options()) {}
  /// Everybody has left: waits until the server holds no connection and no message any more.
  ~Site();

  std::uint16_t port() const { return server->port(); }

  Watcher watcher;
  LogLines log;
  std::unique_ptr<Server> server;
};

/// One for all tests that need nothing special. It ends, and is checked, after the last test.
Site& common_site();

}  // namespace ringgate::hostile
