// One core: its shard, the sockets of its links, the connections that come to it, and its end.
//
// Pure, like the shard: a thread of the runtime, or the simulator, brings the kernel's completions,
// mail and the time, and carries out what is asked of io/.
//
// A turn: begin_turn, any number of completions and mails, end_turn.
#pragma once

#include "core/arrivals.h"
#include "core/socket_table.h"
#include "core/way_out.h"
#include "shard/shard.h"

namespace ringgate {

/// Everything belongs to one thread; the counters are read by any.
class Core final {
 public:
  /// `kernel` outlives it, as all that is in `world`, and `channels`, null where no listener has
  /// TLS.
  Core(const ShardOptions& options, std::shared_ptr<const Roster> roster, Backend& backend,
       io::Sockets& kernel, const ShardWorld& world, Now now, io::Channels* channels = nullptr)
      : sockets_(kernel, channels, shard_, options.budget.connections),
        shard_(options, std::move(roster), backend, sockets_, world, now),
        arrivals_(options, kernel, channels, world, shard_, sockets_),
        way_out_(shard_, options.drain_time),
        places_(options.budget.places) {}

  Shard& shard() { return shard_; }
  const Shard& shard() const { return shard_; }
  SocketTable& sockets() { return sockets_; }
  Arrivals& arrivals() { return arrivals_; }
  const Arrivals& arrivals() const { return arrivals_; }

  /// For the one that places connections.
  CoreSeen seen() const { return {&shard_.counters(), &arrivals_.closed_placed(), places_}; }

  void begin_turn(Now now) {
    now_ = now.mono;
    shard_.begin_turn(now);
    sockets_.begin_turn(now_);
    arrivals_.begin_turn(now_);
  }

  void on_mail(const io::Mail& mail) {
    if (mail.kind == Arrivals::mail_adopt)
      arrivals_.on_mail(mail);
    else
      shard_.on_mail(mail);
  }

  void end_turn() {
    arrivals_.give_places(sockets_.has_ends());
    sockets_.end_lingering();
    way_out_.step(now_);
    if (way_out_.closing()) arrivals_.close_doors();
    shard_.end_turn();
    sockets_.tell_released();
    sockets_.arm_receives();
  }

  /// When end_turn wants to run next even if nothing happens. `busy`: the disk works for this core.
  Nanos deadline(bool busy) const {
    return std::min({shard_.deadline(), sockets_.deadline(), arrivals_.deadline(),
                     way_out_.deadline(now_, busy || arrivals_.is_busy())});
  }

  void end(Ending how) { way_out_.ask(how, now_); }
  /// No connection is left, nor will there be one.
  bool is_deserted() const { return way_out_.closing() && !shard_.has_connections(); }
  /// Between turns: no further one is wanted.
  bool is_over(bool busy) { return way_out_.is_over(now_, busy || arrivals_.is_busy()); }

  /// Of a core that is over: the sockets that are left.
  void close_all() {
    sockets_.close_all();
    arrivals_.close_all();
  }

 private:
  // Each of the two knows the other, which it does not touch before both are there.
  SocketTable sockets_;
  Shard shard_;
  Arrivals arrivals_;
  WayOut way_out_;
  const std::uint32_t places_;
  Nanos now_ = 0;
};

/// Frees what a mail owns that nobody will read any more.
inline void discard(const io::Mail& mail, io::Sockets& kernel) {
  if (mail.kind == Arrivals::mail_adopt)
    Arrivals::discard(mail, kernel);
  else
    discard(mail);
}

}  // namespace ringgate
