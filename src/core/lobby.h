// Connections from load balancers that have not said yet for whom they come.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/intrusive_list.h"
#include "base/slab.h"
#include "core/accept_queue.h"
#include "io/sockets.h"
#include "policy/proxy_header.h"

namespace ringgate {

/// Reads the header of the PROXY protocol, and nothing behind it: from then on a connection is as
/// if its client had come itself. One thread.
class Lobby {
 public:
  static constexpr std::uint32_t guests_max = 1024;

  /// `kernel` outlives it.
  explicit Lobby(io::Sockets& kernel) : kernel_(kernel) {}
  ~Lobby();

  /// Its peer is the load balancer. False: there are too many. The one that came first has to go
  /// then, so that the next has a place.
  bool enter(Arrival& one, Nanos now);
  /// A completion of read_whole(): whoever has said for whom it comes, with that peer; or who has
  /// not, where `fault` says why, and is to be closed.
  std::optional<Arrival> on_read(std::uint32_t place, int result, std::string_view& fault);
  /// Closes those whose time is over; again when deadline() comes.
  void expire(Nanos now);
  Nanos deadline() const { return here_.empty() ? never : here_.front()->until; }
  /// Nobody stays. Until it is empty the kernel knows memory of those that were here.
  void close_all();
  bool empty() const { return guests_.in_use() == 0; }

 private:
  struct Guest {
    ListLink link;
    Arrival one;
    Nanos until = never;
    ProxyHeader header;
    std::array<std::uint8_t, ProxyHeader::size_max> octets{};
    bool is_leaving = false;
  };
  using Guests = IntrusiveList<Guest, &Guest::link>;

  void read(Guest& guest);
  void send_away(Guest& guest);

  io::Sockets& kernel_;
  Slab<Guest> guests_{guests_max};
  Guests here_;     // the oldest first: there is one time for all
  Guests leaving_;  // sent away, until their read ends
};

}  // namespace ringgate
