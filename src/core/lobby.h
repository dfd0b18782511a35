// Connections from load balancers that have not said yet for whom they come.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "core/accept_queue.h"
#include "io/sockets.h"
#include "policy/proxy_header.h"

namespace ringgate {

/// Reads the header of the PROXY protocol, and nothing behind it: from then on a connection is as
/// if its client had come itself. One thread.
class Lobby {
 public:
  static constexpr std::size_t guests_max = 1024;

  /// `kernel` outlives it.
  explicit Lobby(io::Sockets& kernel) : kernel_(kernel) {}

  /// Its peer is the load balancer. False: there are too many. The one that came first has to go
  /// then, so that the next has a place.
  bool enter(Arrival& one, Nanos now);
  /// A completion of read_whole(): whoever has said for whom it comes, with that peer; or who has
  /// not, where `fault` says why, and is to be closed.
  std::optional<Arrival> on_read(std::uint32_t place, int result, std::string_view& fault);
  /// Closes those whose time is over; again when deadline() comes.
  void expire(Nanos now);
  Nanos deadline() const { return by_age_.empty() ? never : by_age_.front().until; }
  /// Nobody stays. Until it is empty the kernel knows memory of those that were here.
  void close_all();
  bool empty() const { return count_ == 0; }

 private:
  struct Guest {
    Arrival one;
    ProxyHeader header;
    std::array<std::uint8_t, ProxyHeader::size_max> octets{};
    bool is_leaving = false;
  };
  struct Age {
    Nanos until;
    std::uint32_t place;
    std::uint64_t serial;
  };
  struct Place {
    std::unique_ptr<Guest> guest;
    std::uint64_t serial = 0;  // tells its guests from those that were there before
  };

  void read(std::uint32_t place);
  bool is_here(const Age& age) const;
  void send_away(const Age& age);
  std::uint32_t free_place();

  io::Sockets& kernel_;
  std::vector<Place> places_;
  std::vector<std::uint32_t> free_;
  std::deque<Age> by_age_;  // one time for all; some may have gone
  std::size_t count_ = 0;
  std::uint64_t serials_ = 0;
};

}  // namespace ringgate
