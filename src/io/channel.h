// What lies between the octets of a socket and those of its session: TLS, where that is asked for.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <ringgate/types.h>

#include "base/link_id.h"

namespace ringgate::io {

/// One connection's. One thread at a time: a shard's, and another one while it shakes hands.
class Channel {
 public:
  enum class Stage : std::uint8_t {
    shaking,  ///< the handshake goes on; nothing of the session comes or goes
    open,
    plain,  ///< the peer has begun with something that is no TLS: octets pass as they are
    half,   ///< the peer has said that no more comes; what we write still leaves
    over,   ///< nothing more comes, and nothing that is written leaves
  };

  virtual ~Channel() = default;

  virtual Stage stage() const = 0;
  /// Whether its peer may say more.
  bool hears() const { return stage() != Stage::half && stage() != Stage::over; }
  /// Octets of the socket. Copied while `shaking`; otherwise borrowed, until read() returns 0. Only
  /// while it hears().
  virtual void put(Octets octets) = 0;
  /// Whether shake() has something to work on: what was put may be less than that.
  virtual bool can_shake() const = 0;
  /// Takes the handshake as far as what was put goes. Costs a fraction of a millisecond, or more.
  virtual void shake() = 0;
  /// What the session reads of what was put; 0: no more, or so much that nothing fits into `to`.
  /// Not while `shaking`.
  virtual std::size_t read(std::span<std::uint8_t> to) = 0;
  /// What the session writes, in records as large as they may be. Not while `shaking`; when `over`
  /// it is dropped.
  virtual void write(Octets octets) = 0;
  /// Nothing more will be written: the peer is told so.
  virtual void finish() = 0;

  /// What the socket is to send next; stays where it is until sent(). Empty: nothing.
  virtual Octets outgoing() = 0;
  virtual void sent(std::size_t count) = 0;

  /// Why it is over; empty: the peer has said that it is done.
  virtual std::string_view fault() const = 0;
  /// The version and the cipher suite; empty unless `open`.
  virtual std::string_view terms() const = 0;
  /// Whether it has taken up an earlier session of the peer.
  virtual bool resumed() const = 0;
  /// What the peer's certificate says that it is, which was verified: the subject's common name,
  /// then the alternative names. None: it has shown no certificate.
  virtual const std::vector<std::string>& names() const = 0;
};

/// Where a core has channels from.
class Channels {
 public:
  /// For a connection that has come by that listener; null: it is in plain.
  virtual std::unique_ptr<Channel> make(std::uint32_t listener) = 0;
  /// Has channel.shake() called elsewhere, and then SocketTable::on_shaken() here; until then the
  /// channel is nobody else's. `address`: who pays for it. `begins`: it is the first time for that
  /// channel.
  virtual void shake(LinkId link, Channel& channel, std::string_view address, bool begins) = 0;
  /// Nobody wants that any more. True: it had not begun, and nothing will be said of it.
  virtual bool withdraw(Channel& channel) = 0;

 protected:
  ~Channels() = default;
};

}  // namespace ringgate::io
