// What stands behind the edge: the thing that takes submits and says what became of them.
#pragma once

#include <span>

#include <ringgate/message.h>

namespace ringgate {

/// The way back from a backend into the server.
///
/// The Replies passed to a Backend call belongs to the calling shard and may be used only during
/// that call, on that thread. Server::replies() is good on any thread for as long as the server
/// lives; it queues (bounded) and rings the owning shard.
class Replies {
 public:
  /// Answers a submit: ESME_ROK accepts it, anything else refuses it. At most once per ticket.
  virtual void answer(Ticket ticket, Status status) = 0;
  /// Says what became of an accepted message. A final state ends it; receipts follow the client's
  /// wish. May come before the answer; the receipt waits for it.
  virtual void report(Ticket ticket, Outcome outcome) = 0;
  /// The shard these replies speak for; meaningful only inside a Backend call.
  virtual unsigned shard() const = 0;

 protected:
  ~Replies() = default;
};

/// Implement this to take messages from clients.
///
/// Calls come on the shards' threads, concurrently for different shards, never for the same one.
/// Nothing in them may block: a shard that waits serves nobody.
class Backend {
 public:
  virtual ~Backend() = default;

  /// Once, before anything else, on the thread that starts the server.
  virtual void on_start(unsigned shard_count, Now now) {
    (void)shard_count;
    (void)now;
  }

  /// Submits that passed authentication, limits and validation; never empty. Answer now, or later
  /// by ticket.
  virtual void on_submits(std::span<const Submit> submits, Now now, Replies& replies) = 0;

  /// How the receipt of that message ended. The ticket is dead when this returns.
  virtual void on_delivered(MessageId, DeliverResult, Replies&) {}

  /// When on_deadline next wants to be called on that shard. Asked once per turn.
  virtual Nanos deadline(unsigned shard) const {
    (void)shard;
    return never;
  }
  virtual void on_deadline(Now, Replies&) {}
};

}  // namespace ringgate
