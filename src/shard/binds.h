// Binds: who may, and what becomes of an account's binds.
#pragma once

#include "policy/guesses.h"
#include "session/event.h"
#include "shard/connection.h"
#include "shard/delivery.h"
#include "shard/gatekeeper.h"
#include "shard/ghosts.h"
#include "shard/house.h"
#include "shard/links.h"
#include "shard/shard_log.h"
#include "shard/strangers.h"

namespace ringgate {

/// One thread.
class Binds {
 public:
  Binds(House& house, Links& links, ShardLog& log, Delivery& delivery, Gatekeeper& gatekeeper,
        Ghosts& ghosts)
      : house_(house),
        links_(links),
        log_(log),
        delivery_(delivery),
        gatekeeper_(gatekeeper),
        ghosts_(ghosts),
        strangers_(house.options.strangers, house.options.seed, house.counters.strangers),
        guesses_(house.options.guesses, house.options.seed) {}

  /// A session waits for our decision.
  void on_bind(Connection& connection, const Event& event);
  /// A password check that we asked for is done. Answers that nobody waits for any more are
  /// ignored.
  void on_password(LinkId link, std::uint64_t question, io::PasswordVerdict verdict);
  /// The gate has decided. Posted::ok also where what it allows cannot be: the client is told.
  Posted on_verdict(const BindVerdict& verdict);
  /// The time for that is over.
  void on_verdict_missed(Connection& connection);
  /// A bind that waits for a place looks again.
  void on_look(Connection& connection);
  /// Ends a bound session within that time: once nothing of it is under way, or when half of the
  /// time is over, it is unbound. Again: the shorter time holds.
  void send_away(Connection& connection, CloseCause cause, Nanos grace);
  /// The client wants to end.
  void on_unbind(Connection& connection);
  /// The session has refused binds itself, as their fields cannot be read.
  void note_malformed(Connection& connection) {
    if (connection.session.malformed_binds() != connection.malformed_binds_counted) [[unlikely]]
      count_malformed(connection);
  }
  /// Those that have not bound, and are not about to.
  Strangers& strangers() { return strangers_; }
  /// The accounts have changed: what `before` says of those that are bound, or ask to be, is old.
  /// Binds of an account that is closed now are unbound.
  void adopt(const Directory& before);
  /// The bind is over. Idempotent: at unbind and again at the end of the connection.
  void leave(Connection& connection);

 private:
  void follow_claim(Connection& connection);
  void follow_account(Connection& connection);
  void count_malformed(Connection& connection);
  void ask_accounts(Connection& connection, const Event& event);
  io::PasswordQuestion question_of(const Connection& connection, std::size_t index) const;
  void ask(Connection& connection, io::PasswordQuestion& question);
  void accept(Connection& connection);
  void admit(Connection& connection);
  void refuse(Connection& connection, Status status, std::string_view why) {
    refuse(connection, status, why, house_.limits.refusal_delay);
  }
  void refuse(Connection& connection, Status status, std::string_view why, Nanos delay);
  void refuse_wrong(Connection& connection);
  void refuse_insecure(Connection& connection, std::string_view why);
  void refuse_unheard(Connection& connection);
  void refuse_unchecked(Connection& connection);
  void turn_away(Connection& connection, Status status, Nanos delay);
  Status wrong_credentials(const BindClaim& claim) const;

  House& house_;
  Links& links_;
  ShardLog& log_;
  Delivery& delivery_;
  Gatekeeper& gatekeeper_;
  Ghosts& ghosts_;
  Strangers strangers_;
  Guesses guesses_;
  std::uint64_t questions_ = 0;  // ever asked
};

}  // namespace ringgate
