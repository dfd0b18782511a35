// Receipts and messages for clients: from the outcome to the bind that takes it, and back.
//
//   owner ── receipt ──> home: outbox ── deliver ──> bearer ──> deliver_sm
//   owner <── ended ──── home <── attempt_over ───── bearer <── deliver_sm_resp
//
// The short way: the submitting bind is on this shard and free, and nothing of its account waits
// elsewhere. Then owner and bearer are one, and home hears of the receipt only if the attempt
// fails.
//
// Invariants:
//   - A record that is due is in one place: behind its submit_sm_resp (Connection::awaiting_send),
//     waiting for the journal (UntilSafe), in its home's outbox, at rest (retry_timers_), in a
//     session's window as the token of a deliver_sm, or in a mail. Whoever takes it out of one puts
//     it into the next in the same call, so `link` and `timer` are never both in use, and nothing
//     counts the places.
//   - The one shard that may touch it is the one whose place it is in. Its kept part is the owner's
//     all the same.
//   - At home an account's binds have places; `from_home` says that an attempt has one of them,
//     which is given back once, when the attempt is over.
//   - Receipts of one account leave its outbox in the order in which they came. One whose attempt
//     was not made or not answered goes back to the front; one that the client puts off comes in
//     again.
//
// Any shard is owner, home and bearer of something; the mail between the three is the same whether
// or not they are one shard, which is why what is called here as mail is also called at once.
#pragma once

#include "base/prng.h"
#include "base/timer_wheel.h"
#include "routing/outboxes.h"
#include "routing/suspensions.h"
#include "shard/books.h"
#include "shard/connection.h"
#include "shard/door.h"
#include "shard/house.h"
#include "shard/links.h"
#include "shard/mail.h"
#include "shard/registry.h"
#include "shard/safekeeping.h"
#include "shard/tidings.h"

namespace ringgate {

/// One thread.
class Delivery {
 public:
  Delivery(House& house, Links& links, Door& door, Books& books, Registry& registry,
           Safekeeping& safe, Tidings& tidings);

  // Owner: the shard that has the record.

  /// The client has its response, and there is an outcome.
  void begin(MessageRecord& record);
  /// The message is not at its end, but there is something to say of it: an intermediate
  /// notification, only after the message's response, and only once.
  void notify(MessageRecord& record, Outcome outcome);
  /// The short way is not taken, and nothing holds it back any more but the journal.
  void send_home(MessageRecord& record);
  /// What waited for the response to leave on that connection goes, if it has; with `all`, in any
  /// case.
  void release_awaiting(Connection& connection, bool all);
  /// Mail: it has been delivered, or never will be.
  void end(MessageRecord& record, DeliverResult how);

  // Bearer: the shard of the bind that carries it.

  /// Mail: to be sent on that bind.
  void carry(MessageRecord& record, LinkId link);
  /// A deliver_sm of ours has been answered, or never will be.
  void on_response(Connection& connection, const Event& event);
  /// That bind takes messages from now on, or other ones at once, or no more.
  void add_bind(const Connection& connection);
  void remove_bind(const Connection& connection);

  // Home: the shard that has the account's outbox.

  /// Mail, or the end of a rest: to be delivered.
  void take(MessageRecord& record);
  /// Mail: how an attempt has ended.
  void home_attempt_over(MessageRecord& record, BindRef bind, bool from_home, Attempt how);
  /// Mail: a window of 0 takes the bind away.
  void set_bind(std::uint32_t account, BindRef bind, std::uint32_t window);
  /// Receipts, notifications and MOs that no bind has taken.
  std::size_t waiting(std::uint32_t account) const { return outboxes_.waiting(account); }
  std::optional<BindRef> any_bind(std::uint32_t account) const {
    return outboxes_.any_bind(account);
  }

  /// The accounts have changed.
  void adopt();

  // A turn.

  /// Those whose rest is over.
  void run_timers();
  void run_outboxes();
  Nanos deadline() const {
    return std::min({retry_timers_.next_deadline(), outboxes_.deadline(), suspensions_.deadline()});
  }

 private:
  /// Accounts whose home is here, at most.
  std::uint32_t homes() const {
    return (house_.directory().size() + house_.options.count - 1) / house_.options.count;
  }
  void notice_over(MessageRecord& notice);
  Attempt attempt(MessageRecord& record, Connection* connection, bool from_home);
  void attempt_over(MessageRecord& record, BindRef bind, bool from_home, Attempt how);
  void tell_home(MailKind kind, const Connection& connection, std::uint32_t window);
  void hand_out(MessageRecord& record, BindRef target);
  void rest_until(MessageRecord& record, Nanos at);
  void put_off(MessageRecord& record, Nanos delay);
  void suspend(const MessageRecord& record);
  Nanos suspended_until(const MessageRecord& record);
  void expire(MessageRecord& record);
  void lose_bind(MessageRecord& record);
  void home_end(MessageRecord& record, DeliverResult how);
  /// What it says is not safe yet: whatever happens after it has left, it must say the same after a
  /// crash.
  bool must_wait(const MessageRecord& record) const {
    return safe_.keeps() && record.kept.batch() > safe_.durable();
  }

  House& house_;
  Links& links_;
  Door& door_;
  Books& books_;
  Registry& registry_;
  Safekeeping& safe_;
  Tidings& tidings_;
  Outboxes outboxes_;        // of the accounts whose home is here
  Suspensions suspensions_;  // the same
  Prng prng_;
  TimerWheel retry_timers_;
};

}  // namespace ringgate
