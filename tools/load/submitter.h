// What sends messages: as windows have room, or as a rate says.
#pragma once

#include <ringgate/types.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "load/backlog.h"
#include "load/connection.h"
#include "load/full_windows.h"
#include "load/mix.h"
#include "load/options.h"
#include "load/pacer.h"
#include "load/report.h"
#include "load/share.h"
#include "load/stage.h"
#include "load/timeline.h"
#include "load/wires.h"
#include "session/window.h"

namespace ringgate::load {

/// One thread, its share of all messages. Latency counts from what a message's response brings
/// back: when the turn began in which it left, or when it was meant to leave.
class Submitter {
 public:
  /// Everything referred to outlives it.
  Submitter(const Options& options, const Share& share, const Stage& stage, Timeline& timeline,
            Wires& wires, Report& report);

  /// The octets of the largest message.
  std::size_t message_size_max() const { return mix_.size_max(); }
  /// The run begins, and is as long as the stage says.
  void start(Nanos at);
  /// It is bound: it is to send messages, if it may. And no longer; the others keep their turns.
  void add(Connection& connection);
  void remove(Connection& connection);
  /// All that is due, or has room.
  void submit();

  bool is_done() const { return remaining_ == 0; }
  bool has_connections() const { return !connections_.empty(); }
  /// When the next message of an open loop is meant to leave. One that is due already waits for a
  /// window, that is for a response: `never`.
  Nanos next() const;
  /// Of those that are submitted, so many will bring nothing more.
  void note_backlog(std::uint64_t settled);
  /// Nothing more is submitted; what was meant for later than that was not to be sent.
  void finish(Nanos due_until);

  /// What a response brings back of the message it is for.
  static Nanos sent(std::uint64_t token) { return static_cast<Nanos>(token >> 1); }
  static bool owes_receipt(std::uint64_t token) { return (token & 1) != 0; }

 private:
  void submit_closed(Connection& connection);
  void submit_open();
  Admit submit_one(Connection& connection, Nanos intended);
  void note_lateness(Nanos intended);
  Mix& mix_of(Connection& connection) { return connection.mix ? *connection.mix : mix_; }

  const Options& options_;
  const Share share_;
  const Stage& stage_;
  Timeline& timeline_;
  Wires& wires_;
  Report& report_;
  std::uint16_t references_;  // of messages in parts; threads begin apart from each other
  Mix mix_;
  std::vector<Connection*> connections_;
  std::size_t next_connection_ = 0;  // of an open loop
  std::uint64_t remaining_;          // messages still to be submitted, at most
  std::optional<Pacer> pacer_;
  Backlog backlog_;
  FullWindows full_windows_;
};

}  // namespace ringgate::load
