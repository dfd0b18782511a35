// What stands behind the edge: the thing that takes submits and says what became of them.
#pragma once

#include <memory>
#include <span>

#include <ringgate/api.h>
#include <ringgate/message.h>

namespace ringgate {
inline namespace RINGGATE_ABI {

/// The way back from a backend into the server.
///
/// The Replies passed to a Backend call belongs to the calling shard and may be used only during
/// that call, on that thread. Those passed to on_start are good on any thread, the shards' own
/// among them, and for ever: whoever shares them may outlive the server, and from the end of its
/// shards on nothing happens. They queue, and ring the owning shard; where the queue is full they
/// wait, but not on a shard's thread. Server::replies() are the same ones.
class RINGGATE_API Replies {
 public:
  /// Answers a submit: ESME_ROK accepts it, anything else refuses it. At most once per ticket.
  virtual void answer(Ticket ticket, Status status) = 0;
  /// Says what became of an accepted message. A final state ends it; receipts follow the client's
  /// wish. May come before the answer; the receipt waits for it. Any other state is an intermediate
  /// notification: it goes out once, if the client asked for those, and before the final receipt or
  /// not at all.
  virtual void report(Ticket ticket, Outcome outcome) = 0;
  /// Answers an operation. At most once per call of on_operation.
  virtual void answer(OperationTicket ticket, const OperationAnswer& answer) = 0;
  /// Delivers a message to the account that it names, or that owns its destination, on a receiver
  /// or transceiver bind, now or when there is one. With Routed::ok, `id` names it in on_delivered.
  virtual Routed deliver(const Deliver& message, MessageId& id) = 0;
  /// Tells a client that a subscriber can be reached again. Nobody hears whether it got there.
  virtual Routed alert(const Alert& alert) = 0;
  /// The shard these replies speak for; meaningful only inside a Backend call.
  virtual unsigned shard() const = 0;

 protected:
  ~Replies() = default;
};

/// Implement this to take messages from clients.
///
/// Calls come on the shards' threads, concurrently for different shards, never for the same one.
/// Nothing in them may block: a shard that waits serves nobody.
class RINGGATE_API Backend {
 public:
  virtual ~Backend() = default;

  /// Once, before anything else, on the thread that starts the server. Keep `replies` for threads
  /// of your own: no submit comes before this has returned. If the server then cannot start, using
  /// them does nothing.
  virtual void on_start(unsigned shard_count, Now now, const std::shared_ptr<Replies>& replies) {
    (void)shard_count;
    (void)now;
    (void)replies;
  }

  /// Submits that passed authentication, limits and validation; never empty. Answer now, or later
  /// by ticket.
  virtual void on_submits(std::span<const Submit> submits, Now now, Replies& replies) = 0;

  /// All parts of a long message have been accepted, or it came as one message_payload. After the
  /// on_submits of its parts, on the shard that keeps the account's receipts.
  virtual void on_long_message(const LongMessage&, Now, Replies&) {}
  /// Parts waited for the rest of their message until their time was over (long_messages.expiry_s).
  virtual void on_incomplete_message(const IncompleteMessage&, Now, Replies&) {}

  /// query_sm, cancel_sm, replace_sm and the broadcast operations. Answer now or later, by ticket;
  /// unless overridden the answer is that nothing of the kind is known here. Where an id is named,
  /// the server knows that it gave it to this account: operations on ids of others, and on ids that
  /// it does not know, are answered without asking. It knows those of open messages, of ended ones
  /// that the journal keeps, and the last ids it gave out on each shard, limits.max_open_messages
  /// of them and at least 65,536. An operation without an id means what belongs to `system_id`,
  /// which has to be compared as a whole. With a journal, messages whose outcome was reported do
  /// not come here; report an end before telling it in an answer, because only what was reported
  /// survives a crash.
  virtual void on_operation(const Operation& operation, Now now, Replies& replies);

  /// How the receipt or the Deliver of that id ended. The ticket is dead when this returns.
  virtual void on_delivered(MessageId, DeliverResult, Replies&) {}

  /// When on_deadline next wants to be called on that shard. Asked once per turn.
  virtual Nanos deadline(unsigned shard) const {
    (void)shard;
    return never;
  }
  /// The time that deadline() named has come, on that shard.
  virtual void on_deadline(Now, Replies&) {}
};

}  // namespace RINGGATE_ABI
}  // namespace ringgate
