// One connection as its shard keeps it.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/planted.h"
#include "base/secret.h"
#include "base/timer_wheel.h"
#include "io/passwords.h"
#include "message/record.h"
#include "policy/directory.h"
#include "policy/listener_terms.h"
#include "policy/peer_address.h"
#include "session/held_input.h"
#include "session/session.h"
#include "shard/budget.h"
#include "shard/gates.h"
#include "shard/strangers.h"

namespace ringgate {

struct Connection;

struct ConnectionTimer : TimerNode {
  Connection* connection = nullptr;
};

/// Its place in the order of reading; turn_order.h's business.
struct TurnShare {
  std::int64_t credit = 0;
  std::int64_t granted = 0;
  std::uint64_t turn = 0;   ///< of the last grant
  std::uint64_t since = 0;  ///< the turn in which it began to wait
};

/// It waits whether a bind of its account that is dead gives it its place (shard/ghosts.h).
struct Hunt {
  Nanos look_at = never;      ///< when it looks again; never: it does not wait
  Nanos until = never;        ///< when it gives up
  std::uint32_t unheard = 0;  ///< shards that have not said yet whether there may be one
  bool has_hope = false;      ///< one has said so
};

/// What the last bind of a connection says of itself, true or not.
struct BindClaim {
  std::string system_id;
  const Account* account = nullptr;  ///< of that name; null: nobody's
  BindMode mode = BindMode::transceiver;
  std::uint64_t question = 0;  ///< it waits for the answer to that one; 0: for none
  std::size_t asked = 0;       ///< comparisons with hashes that were begun
  bool decoy = false;          ///< the last of them is made for its time only
  Secret secret;               ///< what is compared, as long as another comparison may follow
  io::PasswordDigest password;
  Nanos verdict_by = never;  ///< it waits for the gate's verdict, until then
  Hunt hunt;
};

/// That a bound session is to end, and how soon: nothing new comes or goes, and what is under way
/// is finished before the unbind.
struct Leaving {
  CloseCause cause = CloseCause::none;  ///< none: it is not to end
  Nanos unbind_by = never;              ///< whatever is under way
  Nanos close_by = never;               ///< whatever the peer answers
};

/// What is known of a connection that came by a listener with TLS.
struct Security {
  std::string terms;               ///< version and cipher suite; empty: none was agreed on yet
  std::vector<std::string> names;  ///< of the peer's certificate
  std::string fault;               ///< what has gone wrong with it
};

struct Connection {
  Connection(std::unique_ptr<Session> made, OctetPool& input, std::string peer_text)
      : own_session(std::move(made)),
        session(*own_session),
        held(input),
        peer(std::move(peer_text)) {
    timer.connection = this;
    stranger.connection = this;
    stranger.address = address_of(peer);
  }

  ListLink dirty;  ///< in the shard's list of connections to look at before the turn ends
  ListLink gated;  ///< in the list of those with octets that wait for the journal
  ListLink fresh;  ///< in one of turn_order.h's lines, or in none
  ListLink heavy;
  ListLink pressed;  ///< in the list of those that take too much memory to be read
  Gates gates;
  ConnectionTimer timer;
  Stranger stranger;
  TurnShare turn_share;
  const std::unique_ptr<Session> own_session;
  Session& session;
  HeldInput held;  ///< received, but not to be processed yet
  IntrusiveList<MessageRecord, &MessageRecord::link>
      awaiting_send;  ///< receipts behind an unsent submit_sm_resp
  BindClaim claim;
  Leaving leaving;
  std::unique_ptr<Security> security;  ///< null: it came by a listener in plain
  const Account* account = nullptr;    ///< once a bind was accepted; stays for the log
  const ListenerTerms* terms =
      nullptr;           ///< of the listener by which it came; null: it came by none
  RateLimit submits{0};  ///< out of the account's bind_rate
  Nanos opened_at = 0;
  Nanos bound_at = 0;  ///< of no meaning without an account
  Nanos pace_until = 0;
  Nanos stall_deadline = never;  ///< of the send in flight
  Nanos grace_until = 0;         ///< its timer waits that long for what has arrived unread
  Nanos grace_for = never;       ///< ... the one that was due then
  std::uint64_t pdus_counted = 0;
  std::uint64_t queued_counted = 0;  ///< of its memory, in its account's use
  std::uint64_t octets_in = 0;
  std::uint32_t malformed_binds_counted = 0;
  std::uint32_t listener = 0;  ///< by which it came
  LinkId id;
  bool sending = false;
  bool stalled_once = false;  ///< its send was overdue when last looked at
  bool reading_paused = false;
  bool over = false;       ///< the session has ended; only sending what is left and closing remain
  bool broken = false;     ///< nothing more can be sent
  bool finished = false;   ///< its peer sends nothing more; what waits is still worked on
  bool gives_way = false;  ///< closed for another: at once, whatever is under way
  bool close_asked = false;
  bool gate_knows = false;     ///< that has not heard its last word
  bool quiet = false;          ///< refused for what the log has told of already
  bool counted = false;        ///< among its account's binds
  bool is_restricted = false;  ///< its submits are held against limits and addresses
  Nanos probed_until = 0;      ///< it was asked whether it lives, for another that wants its place
  bool receives = false;       ///< known to its home shard
  std::string peer;

  /// Bound, and on its way to be so no more: told to leave, or one side has said unbind.
  bool is_going() const { return leaving.cause != CloseCause::none || session.unbinding(); }
  /// Whether what belongs to that account may be written to it. True from its bind on, also while
  /// it ends: what was asked for before is still answered.
  bool serves(std::uint32_t index) const { return account != nullptr && account->index == index; }
  bool is_secured() const { return security != nullptr && !security->terms.empty(); }
  /// Of the certificate that its peer has shown.
  std::span<const std::string> certificate_names() const {
    return security == nullptr ? std::span<const std::string>() : security->names;
  }
  /// Anew when its account is another, or has changed.
  void follow_restrictions() {
    is_restricted = account->is_restricted() || (terms != nullptr && terms->rate.limited());
  }
  /// When its account, if that is paced, may send the next.
  Nanos paced_until() const {
    const bool is_paced = account->options.over_rate == OverRate::pace;
    return is_paced && account->submit_rate.limited()
               ? account->state->submits.next(account->submit_rate)
               : 0;
  }
  /// Memory for octets on their way in and out.
  std::uint64_t queued() const { return session.output().held() + held.held() + session.carried(); }
  /// Octets waiting for a peer that does not read, above which its own input is left alone.
  std::uint64_t backlog_max() const {
    if (PLANTED("no shares")) return ~std::uint64_t{0};
    return account != nullptr ? tx_backlog_max : unbound_backlog_max;
  }
};

}  // namespace ringgate
