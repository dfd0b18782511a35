#include "shard/binds.h"

#include <algorithm>
#include <unordered_map>

namespace ringgate {
namespace {

/// Accounts are looked up and lines logged.
constexpr std::int64_t bind_work = 16;
/// Of a password that is compared as it is.
constexpr std::size_t no_hash = ~std::size_t{0};

}  // namespace

void Binds::on_bind(Connection& connection, const Event& event) {
  ASSERT(connection.session.bind_pending());
  ASSERT(!connection.counted && !connection.receives);
  connection.session.charge(bind_work);
  // Not silent any more: who waits for us to decide does not give way.
  strangers_.remove(connection.stranger);
  BindClaim& claim = connection.claim;
  ASSERT(claim.verdict_by == never);
  claim = {};
  claim.system_id = event.system_id;
  claim.mode = event.mode;
  if (house_.draining) return refuse(connection, Status::ESME_RBINDFAIL, "shutting down");
  if (house_.emergency.is(Measure::refuse_binds)) {
    house_.counters.emergency_binds.add();
    return refuse(connection, Status::ESME_RBINDFAIL, "memory is short");
  }
  if (connection.security != nullptr && !connection.is_secured())
    return refuse_insecure(connection, "in plain, on a listener with TLS");
  if (!gatekeeper_.has_gate()) return ask_accounts(connection, event);
  if (!gatekeeper_.ask(connection, event)) refuse_unchecked(connection);
}

Posted Binds::on_verdict(const BindVerdict& verdict) {
  Posted why = Posted::ok;
  Connection* const connection = gatekeeper_.find_waiting(verdict.session, why);
  if (connection == nullptr) return why;
  gatekeeper_.remove(*connection);
  links_.touch(*connection);
  BindClaim& claim = connection->claim;
  if (verdict.status != Status::ESME_ROK) {
    refuse(*connection, verdict.status, "refused by the gate");
    return why;
  }
  claim.account = house_.directory().find(verdict.account);
  if (claim.account == nullptr)
    refuse(*connection, Status::ESME_RSYSERR, "the gate has named no account");
  else
    accept(*connection);
  return why;
}

void Binds::on_verdict_missed(Connection& connection) {
  ASSERT(connection.session.bind_pending());
  gatekeeper_.remove(connection);
  house_.counters.binds_unanswered.add();
  refuse(connection, Status::ESME_RBINDFAIL, "no verdict of the gate");
}

void Binds::send_away(Connection& connection, CloseCause cause, Nanos grace) {
  ASSERT(connection.session.bound() && grace >= 0);
  links_.touch(connection);
  if (connection.session.unbinding())
    return connection.session.start_unbind(cause, house_.now, grace);
  if (connection.receives) {
    connection.receives = false;
    delivery_.remove_bind(connection);
  }
  Leaving& leaving = connection.leaving;
  if (leaving.cause == CloseCause::none) leaving.cause = cause;
  leaving.unbind_by = std::min(leaving.unbind_by, house_.now.mono + grace / 2);
  leaving.close_by = std::min(leaving.close_by, house_.now.mono + grace);
}

void Binds::on_unbind(Connection& connection) {
  gatekeeper_.unbinds(connection);
  leave(connection);
}

/// By the accounts and their passwords.
// What costs time costs it whoever asks: where any account has a hash, a name that nobody has and a
// wrong plain password are compared with a hash as well, and whether the account may bind like this
// is looked at behind the password. Otherwise the time would tell a stranger which names are taken.
void Binds::ask_accounts(Connection& connection, const Event& event) {
  BindClaim& claim = connection.claim;
  claim.account = house_.directory().find(claim.system_id);
  claim.secret = event.password;
  const bool is_plain = claim.account != nullptr && claim.account->password_is(claim.secret);
  io::PasswordQuestion question = question_of(connection, is_plain ? no_hash : 0);
  claim.password = house_.world.passwords.digest(question);
  bool known = house_.world.passwords.known(claim.password);
  if (!known && !is_plain) {
    io::PasswordQuestion other = question_of(connection, 1);
    const io::PasswordDigest digest = house_.world.passwords.digest(other);
    known = !other.hash.empty() && house_.world.passwords.known(digest);
    if (known) {
      question = std::move(other);
      claim.password = digest;
    }
  }
  // Those who were here before are not kept out by whoever guesses from the same address.
  const auto block = guesses_.blocked(question.address, claim.system_id, house_.now.mono);
  if (block != Guesses::Block::none && !known) return refuse_unheard(connection);
  if (is_plain) return accept(connection);
  ask(connection, question);
}

/// Whether the password is that of hash `index` of the account. Where there is none, the question
/// has none, and is asked for the time that it takes.
io::PasswordQuestion Binds::question_of(const Connection& connection, std::size_t index) const {
  const BindClaim& claim = connection.claim;
  io::PasswordQuestion question;
  question.link = connection.id;
  question.account = claim.system_id;
  question.address = connection.stranger.address;
  question.password = claim.secret;
  if (claim.account == nullptr || !claim.account->takes_password(claim.secret)) return question;
  const std::vector<std::string_view> hashes = claim.account->hashes();
  if (index < hashes.size()) question.hash = hashes[index];
  return question;
}

void Binds::ask(Connection& connection, io::PasswordQuestion& question) {
  BindClaim& claim = connection.claim;
  ASSERT(claim.question == 0);
  ASSERT(question.link == connection.id);
  ++claim.asked;
  claim.decoy = question.hash.empty();
  if (claim.decoy) {
    question.hash = house_.directory().reference_hash();
    question.decoy = true;
    if (question.hash.empty()) return refuse_wrong(connection);
  }
  question.question = ++questions_;
  switch (house_.world.passwords.compare(question)) {
    case io::PasswordReply::asked:
      connection.claim.question = question.question;
      return house_.counters.passwords_asked.add();
    case io::PasswordReply::known:
      ASSERT(!question.decoy);
      house_.counters.passwords_known.add();
      return accept(connection);
    case io::PasswordReply::full:
      return refuse_unchecked(connection);
  }
  UNREACHABLE();
}

void Binds::on_password(LinkId link, std::uint64_t question, io::PasswordVerdict verdict) {
  Connection* const connection = links_.find(link);
  if (connection == nullptr || connection->over || !connection->session.bind_pending()) return;
  BindClaim& claim = connection->claim;
  if (question == 0 || claim.question != question) return;
  claim.question = 0;
  links_.touch(*connection);
  if (verdict == io::PasswordVerdict::unchecked) return refuse_unchecked(*connection);
  if (verdict == io::PasswordVerdict::right && !claim.decoy) return accept(*connection);
  if (claim.asked >= house_.directory().hashes_max()) return refuse_wrong(*connection);
  // Whether there is a second one nobody learns from the time.
  io::PasswordQuestion next = question_of(*connection, claim.asked);
  claim.password = house_.world.passwords.digest(next);
  ask(*connection, next);
}

/// The password was right.
void Binds::accept(Connection& connection) {
  const BindClaim& claim = connection.claim;
  ASSERT(claim.account != nullptr);
  ASSERT(!connection.counted && claim.question == 0);
  connection.claim.secret = {};
  guesses_.succeeded(connection.stranger.address, claim.system_id, house_.now.mono);
  admit(connection);
}

void Binds::on_look(Connection& connection) {
  connection.claim.hunt.look_at = never;
  admit(connection);
}

/// It is who it says it is.
void Binds::admit(Connection& connection) {
  const BindClaim& claim = connection.claim;
  const Account& account = *claim.account;
  if (house_.draining) return refuse(connection, Status::ESME_RBINDFAIL, "shutting down");
  if (!account.is_open()) return refuse(connection, Status::ESME_RBINDFAIL, "account disabled");
  if (!account.networks.contain(connection.peer))
    return refuse(connection, Status::ESME_RBINDFAIL, "not from there");
  if (account.options.tls == TlsDemand::required && !connection.is_secured())
    return refuse_insecure(connection, "the account must use TLS");
  if (!account.fits_certificate(connection.certificate_names()))
    return refuse_insecure(connection, "no certificate of the account");
  if (!account.may_bind(claim.mode))
    return refuse(connection, Status::ESME_RBINDFAIL, "bind mode not allowed");
  if (!account.state->binds.open(account.options, claim.mode, connection.stranger.address)) {
    if (ghosts_.wait(connection)) return;
    return refuse(connection, Status::ESME_RBINDFAIL, "too many binds");
  }
  connection.account = &account;
  connection.follow_restrictions();
  // What its account owes from other binds, this one waits for as well.
  connection.pace_until = connection.paced_until();
  connection.bound_at = house_.now.mono;
  connection.session.accept_bind(house_.options.system_id, account.options.submit_window,
                                 account.options.deliver_window, account.options.quirks,
                                 house_.now);
  connection.counted = true;
  if (!gatekeeper_.has_gate()) house_.world.passwords.hold(claim.password);
  house_.counters.binds_ok.add();
  house_.counters.binds_open.add();
  links_.command(io::LinkCommand::Kind::stream, connection);
  log_.about(connection, LogLevel::info, "bound", account.options.system_id);
  if (connection.session.can_receive()) {
    connection.receives = true;
    delivery_.add_bind(connection);
  }
}

void Binds::refuse(Connection& connection, Status status, std::string_view why, Nanos delay) {
  log_.refused_bind(connection, why);
  turn_away(connection, status, delay);
}

void Binds::refuse_insecure(Connection& connection, std::string_view why) {
  house_.counters.binds_insecure.add();
  refuse(connection, Status::ESME_RBINDFAIL, why);
}

/// Said without the log. It is a stranger again, who gives way to others until it is closed.
void Binds::turn_away(Connection& connection, Status status, Nanos delay) {
  ASSERT(status != Status::ESME_ROK && delay >= 0);
  ASSERT(!connection.over && !connection.counted);
  connection.claim.secret = {};
  connection.claim.hunt.look_at = never;
  house_.counters.binds_refused.add();
  connection.session.refuse_bind(status, house_.now, delay);
  strangers_.add(connection.stranger, house_.now.mono);
}

void Binds::refuse_wrong(Connection& connection) {
  const BindClaim& claim = connection.claim;
  ASSERT(claim.question == 0);
  const Guesses::Failure failure =
      guesses_.failed(connection.stranger.address, claim.system_id, house_.now.mono);
  refuse(connection, wrong_credentials(claim),
         claim.account == nullptr ? "unknown system_id" : "wrong password", failure.delay);
  if (failure.begun == Guesses::Block::pair)
    log_.about(connection, LogLevel::warning, "address blocked for this system_id", claim.system_id,
               "too many wrong passwords");
  if (failure.begun == Guesses::Block::address)
    log_.about(connection, LogLevel::warning, "address blocked", claim.system_id,
               "too many wrong passwords");
}

/// The log has told when the block began, and hears no more of it: whoever guesses could fill a
/// disk.
void Binds::refuse_unheard(Connection& connection) {
  house_.counters.binds_blocked.add();
  connection.quiet = true;
  turn_away(connection, wrong_credentials(connection.claim), house_.limits.refusal_delay);
}

/// Nobody could say whether it may. Whoever floods that is told of once in a while only.
void Binds::refuse_unchecked(Connection& connection) {
  if (log_.may_tell_unchecked())
    return refuse(connection, Status::ESME_RBINDFAIL,
                  gatekeeper_.has_gate() ? "too many binds wait for the gate"
                                         : "too many password checks waiting");
  connection.quiet = true;
  turn_away(connection, Status::ESME_RBINDFAIL, house_.limits.refusal_delay);
}

Status Binds::wrong_credentials(const BindClaim& claim) const {
  return claim.account == nullptr ? house_.options.unknown_system_id
                                  : claim.account->options.quirks.wrong_credentials;
}

// ---- accounts change

void Binds::adopt(const Directory& before) {
  std::unordered_map<std::uint32_t, std::uint64_t> unbound;
  links_.for_each([&](Connection& connection) {
    follow_claim(connection);
    if (connection.account == nullptr) return;
    const bool stayed = connection.counted && !connection.over && !connection.is_going();
    follow_account(connection);
    if (stayed && connection.is_going()) ++unbound[connection.account->index];
  });
  for (std::uint32_t i = 0; i < before.size(); ++i) {
    const Account& account = house_.directory().at(i);
    if (account.is_open() || !before.at(i).is_open()) continue;
    const std::size_t waiting = house_.is_home_of(i) ? delivery_.waiting(i) : 0;
    log_.account_closed(account, unbound[i], waiting);
  }
}

/// A bind that waits for the answer about a password was asked for under what the account was then.
void Binds::follow_claim(Connection& connection) {
  BindClaim& claim = connection.claim;
  if (claim.account == nullptr) return;
  const AccountOptions& was = claim.account->options;
  claim.account = &house_.directory().at(claim.account->index);
  const AccountOptions& is = claim.account->options;
  const bool holds = claim.account->is_open() && was.password == is.password &&
                     was.password_hash == is.password_hash &&
                     was.next_password == is.next_password &&
                     was.next_password_hash == is.next_password_hash;
  const bool is_waiting = claim.question != 0 || claim.hunt.look_at != never;
  if (holds || !is_waiting) return;
  claim.question = 0;
  if (connection.over || !connection.session.bind_pending()) return;
  refuse(connection, Status::ESME_RBINDFAIL, "the account has changed");
  links_.touch(connection);
}

/// Limits that are looked at with every message need no more than the account. What was granted
/// stays: the bind itself, whatever modes or how many binds are allowed now.
void Binds::follow_account(Connection& connection) {
  const Account& was = *connection.account;
  connection.account = &house_.directory().at(was.index);
  const Account& is = *connection.account;
  const AccountOptions& options = is.options;
  connection.session.revise(options.submit_window, options.deliver_window, options.quirks);
  if (connection.over) return;
  if (!is.is_open() && connection.session.bound())
    send_away(connection, CloseCause::account_closed, house_.limits.unbind);
  if (connection.receives && options.deliver_window != was.options.deliver_window)
    delivery_.add_bind(connection);
  if (options == was.options) return;
  connection.follow_restrictions();
  connection.submits.change(was.bind_rate, is.bind_rate, house_.now.mono);
  // Another rate says anew how long a paced one waits, and a window that was full may not be.
  connection.pace_until = connection.paced_until();
  links_.touch(connection);
}

void Binds::leave(Connection& connection) {
  ASSERT(connection.account != nullptr || (!connection.receives && !connection.counted));
  if (connection.receives) {
    connection.receives = false;
    delivery_.remove_bind(connection);
  }
  if (connection.counted) {
    connection.counted = false;
    connection.account->state->binds.close(connection.claim.mode, connection.stranger.address);
    house_.counters.binds_open.subtract();
    if (house_.now.mono <= connection.probed_until &&
        connection.session.close_cause() == CloseCause::enquire_link)
      house_.counters.binds_replaced.add();
    if (!gatekeeper_.has_gate()) house_.world.passwords.release(connection.claim.password);
  }
}

void Binds::count_malformed(Connection& connection) {
  const std::uint32_t refused = connection.session.malformed_binds();
  ASSERT(refused > connection.malformed_binds_counted);
  house_.counters.binds_refused.add(refused - connection.malformed_binds_counted);
  connection.malformed_binds_counted = refused;
  log_.malformed_bind(connection);
}

}  // namespace ringgate
