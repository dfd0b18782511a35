// Connections on their way to their shard: accepted, waiting, placed, handed over.
#pragma once

#include <algorithm>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <ringgate/server.h>

#include "base/counter.h"
#include "core/accept_queue.h"
#include "core/lobby.h"
#include "core/placement.h"
#include "io/channel.h"
#include "io/mesh.h"
#include "io/sockets.h"
#include "policy/log_gaps.h"
#include "shard/counters.h"
#include "shard/house.h"

namespace ringgate {

class Shard;
class SocketTable;

/// What the acceptor sees of a core, its own among them. Other threads write it.
struct CoreSeen {
  const ShardCounters* counters = nullptr;
  const Counter* closed_placed = nullptr;  ///< see Arrivals
  std::uint32_t places = 0;                ///< connections that it takes
};

/// One core accepts, and places what it has accepted on all of them; each core has its own waiting
/// line for those that were placed with it, since a beginning costs system calls. Pure; one thread.
class Arrivals {
 public:
  /// Handed to a core; the mail's `pointer` is the Arrival.
  static constexpr std::uint8_t mail_adopt = 128;

  /// All but `options` outlive it. `channels` may be null, where every listener is in plain.
  Arrivals(const ShardOptions& options, io::Sockets& kernel, io::Channels* channels,
           const ShardWorld& world, Shard& shard, SocketTable& sockets);

  /// The cores there are, by index, and how many connections all of them take together.
  void see(std::vector<CoreSeen> cores, std::uint64_t connections_max);
  /// Begins to accept, from so many listeners by index: on one core only. Again when there are
  /// more.
  void listen(std::uint32_t listeners);
  /// Accepts no more from that one. Those that it has accepted stay.
  void stop_listening(std::uint32_t listener);
  /// Nobody new is placed any more.
  void close_doors() {
    doors_closed_ = true;
    lobby_.close_all();
  }
  /// Whether the kernel still knows memory of those that have come.
  bool is_busy() const { return !lobby_.empty(); }

  /// A completion of an accept: a socket or a negative errno. `more`: it goes on.
  void on_accept(std::uint32_t listener, int result, bool more);
  /// A completion of io::Sockets::read_whole().
  void on_read(std::uint32_t place, int result);
  /// We connected to an ESME to ask it for a bind.
  void on_outbind(int socket, std::unique_ptr<OutbindOptions> outbind);
  /// Mail of that kind.
  void on_mail(const io::Mail& mail);
  /// Frees what such a mail owns, where nobody takes it any more.
  static void discard(const io::Mail& mail, io::Sockets& kernel);

  // A turn.

  void begin_turn(Nanos now) { now_ = now; }
  /// Some of those that wait get their places: so everybody is heard before somebody has to give
  /// way to the next. `ends_wait`: places of peers that have gone are not free yet, so fewer get
  /// one, and where there is none they wait for those.
  void give_places(bool ends_wait);
  /// When a turn is wanted next even if nothing happens.
  Nanos deadline() const {
    if (!waiting_.empty() || !accepted_.empty()) return now_;
    return std::min(accept_again_, lobby_.deadline());
  }
  /// Closes those that wait.
  void close_all();

  /// Connections that never came to a shard, and of these those that the acceptor had placed here.
  std::uint64_t closed_unplaced() const { return closed_unplaced_.get(); }
  const Counter& closed_placed() const { return closed_placed_; }
  /// Connections that came from where their listener takes none.
  std::uint64_t unwelcome() const { return unwelcome_.get(); }
  /// ... and those that did not say for whom they came.
  std::uint64_t proxy_failed() const { return proxy_failed_.get(); }

 private:
  struct Accepted {
    int socket;
    std::uint32_t listener;
  };

  void accept();
  void meet(const Accepted& one);
  void meet_some();
  void welcome(Arrival one);
  void refuse_proxy(const Arrival& one, std::string_view why);
  void tell(std::string_view what, const Arrival& one, std::string_view why);
  void wait_in_line(Arrival one);
  void close_unplaced(int socket);
  bool look_at_loads();
  bool is_full();
  void place(Arrival one);
  void adopt(Arrival one);

  const unsigned self_;
  io::Sockets& kernel_;
  io::Channels* const channels_;
  io::Mesh& mesh_;
  Log* const log_;  // may be null
  LogGaps gaps_;
  Shard& shard_;
  SocketTable& sockets_;
  // Accepted, and not looked at: a storm's are many in one turn, and who one is costs system calls.
  std::deque<Accepted> accepted_;
  Lobby lobby_;
  AcceptQueue waiting_;
  std::vector<bool> accepting_;  // by listener: an accept is under way
  std::vector<bool> stopped_;    // likewise: none is wanted any more
  Nanos accept_again_ = never;
  Nanos now_ = 0;
  bool doors_closed_ = false;

  // The acceptor's.
  std::vector<CoreSeen> cores_;
  std::uint64_t connections_max_ = 0;
  Placement placement_{0};
  std::vector<ShardLoad> loads_;
  std::vector<std::uint64_t> placed_;  // connections ever given to each core

  Counter closed_unplaced_;
  Counter closed_placed_;
  Counter unwelcome_;
  Counter proxy_failed_;
};

}  // namespace ringgate
