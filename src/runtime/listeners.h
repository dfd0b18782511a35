// The listening sockets of a server: opened and closed by any thread, accepted from by one shard.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <ringgate/options.h>

#include "base/result.h"
#include "io/tls_engine.h"
#include "policy/listener_terms.h"

namespace ringgate::runtime {

/// A listener's index is its own for ever: connections are known by it. Any thread.
class Listeners {
 public:
  static constexpr std::size_t count_max = 1024;  // ever

  /// `tls`: what listeners with TLS have it from; null: there can be none.
  explicit Listeners(std::shared_ptr<TlsEngine> tls = nullptr) : tls_(std::move(tls)) {}
  ~Listeners();
  Listeners(const Listeners&) = delete;
  Listeners& operator=(const Listeners&) = delete;

  /// Its index. Fails as listen_tcp does, when its files are no good, and when there have been too
  /// many.
  [[nodiscard]] Result<std::size_t> open(const ListenOptions& options);
  /// False: there is none of that index any more. What waits in the kernel's queue is reset, and
  /// an accept that is under way ends with an error.
  bool close(std::size_t listener);

  std::size_t count() const;
  /// -1 of one that is closed.
  int descriptor(std::size_t listener) const;
  /// 0 of one that is closed, or never was.
  std::uint16_t port(std::size_t listener) const;
  /// On what terms it takes connections; lives as long as this.
  const ListenerTerms* terms(std::size_t listener) const;
  /// What a connection goes through that has come by that one; null: it is in plain.
  std::unique_ptr<io::Channel> make_channel(std::size_t listener) const;
  /// Reads the certificates of all anew, for connections that come from now on. Where that fails,
  /// all stays as it was, and it says why.
  [[nodiscard]] Result<void> reload_certificates();
  /// Of all that are open.
  std::vector<ListenerCertificate> certificates() const;
  /// How many of them expire before that.
  std::uint64_t expiring(std::int64_t before_s) const;

 private:
  struct Listener {
    int descriptor;  // -1: closed
    ListenOptions options;
    std::unique_ptr<const ListenerTerms> terms;
    std::shared_ptr<const io::TlsListener> tls;  // null: in plain
  };
  [[nodiscard]] Result<std::shared_ptr<const io::TlsListener>> read_certificates(
      const ListenOptions& options) const;
  ListenOptions options_of(std::size_t listener) const;

  const std::shared_ptr<TlsEngine> tls_;
  mutable std::mutex mutex_;
  std::vector<Listener> listeners_;  // by index
};

}  // namespace ringgate::runtime
