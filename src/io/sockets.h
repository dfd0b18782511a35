// What a core asks of the kernel about its sockets.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include <ringgate/types.h>

#include "base/link_id.h"

namespace ringgate {
struct ListenerTerms;
}

namespace ringgate::io {

/// A socket is its descriptor here, which the kernel gives to another one once it is closed; what
/// is under way on it goes by its link, whose name never comes back. Answers come as completions,
/// in later turns: to core/arrivals.h for accepts, to core/socket_table.h for the others.
class Sockets {
 public:
  /// Until a completion says that it has ended.
  virtual void accept(std::uint32_t listener) = 0;
  /// On what terms that one takes connections; lives as long as the core does. Null: it takes all.
  virtual const ListenerTerms* terms(std::uint32_t listener) = 0;
  /// Fills `to`, or less of it where the connection ends: for core/lobby.h, to which the completion
  /// goes by `place`.
  virtual void read_whole(int socket, std::uint32_t place, std::span<std::uint8_t> to) = 0;
  /// Nothing more comes or goes: such a read ends soon.
  virtual void hang_up(int socket) = 0;
  /// Its peer's address and port as text; "unknown" once that is gone.
  virtual std::string peer(int socket) = 0;
  /// What every connection's socket is set to before it is used.
  virtual void tune(int socket) = 0;

  /// One at a time per link. `streaming`: whatever comes, until a completion says that it has
  /// ended; otherwise one buffer at the most.
  virtual void receive(int socket, LinkId link, bool streaming) = 0;
  /// Its receive ends soon, with or without octets.
  virtual void cancel_receive(LinkId link) = 0;
  /// One at a time per link; `octets` stay where they are until the completion.
  virtual void send(int socket, LinkId link, Octets octets) = 0;
  /// The peer reads an end behind what was sent.
  virtual void end_sending(int socket) = 0;
  /// Nothing more comes or goes; what is under way ends soon.
  virtual void break_off(int socket, LinkId link) = 0;
  /// Once nothing is under way on it.
  virtual void close(int socket) = 0;
  /// Whether octets have arrived that no completion has brought yet.
  virtual bool has_unread(int socket) = 0;

 protected:
  ~Sockets() = default;
};

}  // namespace ringgate::io
