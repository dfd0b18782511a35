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
/// shards on nothing happens. They queue, and ring the owning shard. Nothing here ever waits: where
/// a shard's queue is full, Posted::full says so, nothing was taken, and Backend::on_room tells
/// when to say it again. Inside a call there is always room.
class RINGGATE_API Replies {
 public:
  /// Answers a submit: ESME_ROK accepts it, anything else refuses it. At most once per ticket.
  virtual Posted answer(Ticket ticket, Status status) = 0;
  /// Says what became of an accepted message. A final state ends it; receipts follow the client's
  /// wish. May come before the answer; the receipt waits for it. Any other state is an intermediate
  /// notification: it goes out once, if the client asked for those, and before the final receipt or
  /// not at all.
  virtual Posted report(Ticket ticket, Outcome outcome) = 0;
  /// Many of them, with one lock for those of one shard that follow each other. Stops at the first
  /// for which there is no room and returns why; `taken` is how many were before it. Those whose
  /// message is no more, or that make no sense, are passed over: Posted::ok.
  virtual Posted answer_all(std::span<const Answer> answers, std::size_t& taken) {
    for (taken = 0; taken < answers.size(); ++taken)
      if (answer(answers[taken].ticket, answers[taken].status) == Posted::full) return Posted::full;
    return Posted::ok;
  }
  /// The same for what became of messages.
  virtual Posted report_all(std::span<const Report> reports, std::size_t& taken) {
    for (taken = 0; taken < reports.size(); ++taken)
      if (report(reports[taken].ticket, reports[taken].outcome) == Posted::full)
        return Posted::full;
    return Posted::ok;
  }
  /// Answers an operation. At most once per operation.
  virtual Posted answer(OperationTicket ticket, const OperationAnswer& answer) = 0;
  /// Delivers a message to the session or account that it names, or to the account that owns its
  /// destination, on a receiver or transceiver bind, now or when there is one. With Routed::ok,
  /// `id` names it in on_delivered.
  virtual Routed deliver(const Deliver& message, MessageId& id) = 0;
  /// Tells a client that a subscriber can be reached again. Nobody hears whether it got there.
  virtual Routed alert(const Alert& alert) = 0;
  /// The shard these replies speak for; meaningful only inside a Backend call.
  virtual unsigned shard() const = 0;

 protected:
  ~Replies() = default;
};

/// What a backend hears only if it says so, because it costs something with every message.
struct BackendWishes {
  /// on_safe.
  bool safe = false;
  /// on_messages also tells of messages that were never long.
  bool short_messages = false;
};

/// Implement this to take messages from clients.
///
/// Calls come on the shards' threads, concurrently for different shards, never for the same one.
/// Nothing in them may block: a shard that waits serves nobody. Nothing in them may throw: a throw
/// ends the process.
class RINGGATE_API Backend {
 public:
  virtual ~Backend() = default;

  /// Asked once for each shard, before on_start.
  virtual BackendWishes wishes() const noexcept { return {}; }

  /// Once, before anything else, on the thread that starts the server. Keep `replies` for threads
  /// of your own: no submit comes before this has returned. If the server then cannot start, using
  /// them does nothing.
  virtual void on_start(unsigned shard_count, Now now,
                        const std::shared_ptr<Replies>& replies) noexcept {
    (void)shard_count;
    (void)now;
    (void)replies;
  }

  /// Submits that passed authentication, limits and validation; never empty. Answer now, or later
  /// by ticket.
  virtual void on_submits(std::span<const Submit> submits, Now now, Replies& replies) noexcept = 0;

  /// All parts of these have been accepted, or each came as one message_payload. After the
  /// on_submits of its parts, on the shard that keeps the account's receipts. What has no room
  /// within long_messages.max_octets is not told (Counters::parts_refused).
  virtual void on_messages(std::span<const WholeMessage>, Now, Replies&) noexcept {}
  /// Parts waited for the rest of their message until their time was over (long_messages.expiry_s).
  virtual void on_incomplete_messages(std::span<const IncompleteMessage>, Now, Replies&) noexcept {}

  /// query_sm, cancel_sm, replace_sm and the broadcast operations. Answer now or later, by ticket;
  /// unless overridden the answer is that nothing of the kind is known here. Where an id is named,
  /// the server knows that it gave it to this account: operations on ids of others, and on ids that
  /// it does not know, are answered without asking. It knows those of open messages, of ended ones
  /// that the journal keeps, and the last ids it gave out on each shard, limits.max_open_messages
  /// of them and at least 65,536. An operation without an id means what belongs to `system_id`,
  /// which has to be compared as a whole. With a journal, messages whose outcome was reported do
  /// not come here; report an end before telling it in an answer, because only what was reported
  /// survives a crash.
  virtual void on_operations(std::span<const Operation> operations, Now now,
                             Replies& replies) noexcept;

  /// How receipts and Delivers ended, in the order in which they did. What was delivered by one
  /// shard may be told of before the `deliver` on another thread has returned.
  virtual void on_delivered(std::span<const Delivered>, Replies&) noexcept {}

  /// What the program has given is on stable storage: the final outcome of the message of that id,
  /// or the Deliver. Without a journal: it is in memory, where it stays until its end. Only where
  /// it is wished, and not of what is for one session.
  virtual void on_safe(std::span<const MessageId>, Replies&) noexcept {}

  /// On that shard there is room again for what was told Posted::full or Routed::full because too
  /// much was on its way to it.
  virtual void on_room(unsigned shard) noexcept { (void)shard; }

  /// When on_deadline next wants to be called on that shard. Asked once per turn.
  virtual Nanos deadline(unsigned shard) const noexcept {
    (void)shard;
    return never;
  }
  /// The time that deadline() named has come, on that shard.
  virtual void on_deadline(Now, Replies&) noexcept {}
};

}  // namespace RINGGATE_ABI
}  // namespace ringgate
