// A connection of a run, and what is known of it.
#pragma once

#include <ringgate/types.h>
#include <unistd.h>

#include <cstdint>
#include <memory>

#include "io/channel.h"
#include "load/account.h"
#include "load/mix.h"
#include "session/smpp_session.h"

namespace ringgate::load {

/// What stays the same when it is made again.
struct Place {
  std::uint32_t index = 0;  ///< among the connections of its thread
  std::uint32_t pair = 0;   ///< among the binds of all threads
  const Account* account = nullptr;
  smpp::Command command = smpp::Command::bind_transceiver;
};

struct Connection {
  Connection(const Place& its_place, const SessionLimits& limits, SessionPools pools, Now now)
      : place(its_place), session(Role::esme, limits, pools, now) {}
  ~Connection() {
    if (fd >= 0) close(fd);
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Whether a response comes after that of a later request, which SMPP permits.
  bool is_out_of_order(std::uint32_t sequence_number) {
    constexpr std::uint32_t all = 0x7FFF'FFFF, half = all / 2;
    const bool before = ((sequence_number - last_answered) & all) > half;
    if (!before) last_answered = sequence_number;
    return before;
  }

  const Place place;
  SmppSession session;
  std::unique_ptr<io::Channel> channel;  // null: in plain
  std::unique_ptr<Mix> mix;              // null: the one of all
  int fd = -1;
  std::uint32_t generation = 0;  // how many there were in this place
  std::uint32_t last_answered = 0;
  Nanos wanted_at = 0;  // since when another is wanted in its place; 0: none is
  Nanos bound_at = 0;
  Nanos ends_at = never;    // when it is to leave, and another to come in its place
  Nanos paused_until = 0;   // after a throttled answer
  unsigned failures = 0;    // attempts in a row that led to no bind
  bool connecting = false;  // these three: an operation is in the kernel
  bool receiving = false;
  bool sending = false;
  bool bound = false;
  bool submits = false;  // is to send messages, and may
  bool leaving = false;  // submits nothing more, and unbinds when it has its answers
  bool cut = false;      // by us, with what was under way
  bool over = false;     // nothing more is read or sent
  bool dirty = false;    // is among those that are marked
};

}  // namespace ringgate::load
