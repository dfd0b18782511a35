// Connections as a ring sees them: what is asked of the kernel, and what it says.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "io/channel.h"
#include "load/connection.h"
#include "uring/buffer_ring.h"
#include "uring/ring.h"
#include "uring/socket.h"

namespace ringgate::load {

/// Where connections go, and where from: these in turn; none: wherever the kernel likes.
struct Endpoints {
  uring::SocketAddress server;
  std::vector<uring::SocketAddress> from;
};

/// Told in the turn in which it is seen.
class WireEvents {
 public:
  virtual void on_connected(Connection& connection) = 0;
  /// In plain, whatever the connection goes through; good during the call.
  virtual void on_octets(Connection& connection, Octets octets) = 0;
  /// Nothing more will come: whoever is told calls Wires::end().
  virtual void on_broken(Connection& connection, const std::string& why) = 0;
  /// After end(), when the kernel works with nothing of it any more.
  virtual void on_closed(Connection& connection) = 0;

 protected:
  ~WireEvents() = default;
};

/// One thread. A connection is opened, and ended; what its session has to say is sent by flush()
/// once it is marked.
class Wires {
 public:
  /// What a completion is of; who owns the ring may use further numbers.
  enum class Kind : std::uint8_t { ignored, connect, receive, send };
  static constexpr std::uint8_t kind_count = 4;

  /// Everything referred to outlives it. `make_channel`: what connections go through; empty: they
  /// are in plain. No more than `connections` are ever handed to it.
  Wires(uring::Ring& ring, uring::BufferRing& buffers, const Endpoints& endpoints,
        std::function<std::unique_ptr<io::Channel>()> make_channel, std::size_t connections,
        WireEvents& events);

  /// Begins to connect it. Returns what is wrong, or nothing.
  [[nodiscard]] std::string open(Connection& connection);
  /// A completion of its `kind` has come.
  void on_completion(Connection& connection, Kind kind, const io_uring_cqe& completion);
  /// It may have something to send, or room for more of it.
  void mark(Connection& connection) {
    if (connection.dirty) return;
    connection.dirty = true;
    marked_.push_back(&connection);
  }
  /// Since the last flush().
  const std::vector<Connection*>& marked() const { return marked_; }
  /// One send for each that is marked, unless one is in the kernel.
  void flush();
  /// Gives buffers back, and receives again where the kernel has stopped to.
  void rearm();
  /// It is over: nothing more is read or sent.
  void end(Connection& connection);

  /// Its address, for messages.
  std::string server() const { return endpoints_.server.text(); }
  /// Opened and not closed.
  std::size_t open_count() const { return open_; }

 private:
  std::string make_socket(Connection& connection);
  void on_connect(Connection& connection, int result);
  void on_receive(Connection& connection, const io_uring_cqe& completion);
  void on_cipher(Connection& connection, Octets octets);
  void on_send(Connection& connection, int result);
  Octets to_send(Connection& connection);
  void arm_receive(Connection& connection);
  void close_if_quiet(Connection& connection);

  uring::Ring& ring_;
  uring::BufferRing& buffers_;
  const Endpoints& endpoints_;
  const std::function<std::unique_ptr<io::Channel>()> make_channel_;
  WireEvents& events_;
  std::vector<std::uint8_t> read_;  // of a channel; nothing stays in it
  std::vector<Connection*> marked_;
  std::vector<Connection*> rearm_;  // lost its receive
  std::size_t open_ = 0;
};

}  // namespace ringgate::load
