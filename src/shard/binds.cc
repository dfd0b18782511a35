#include "shard/binds.h"

namespace ringgate {
namespace {

/// Accounts are looked up and lines logged.
constexpr std::int64_t bind_work = 16;

}  // namespace

// What costs time costs it whoever asks: where any account has a hash, a name that nobody has and a
// wrong plain password are compared with a hash as well, and whether the account may bind like this
// is looked at behind the password. Otherwise the time would tell a stranger which names are taken.
void Binds::on_bind(Connection& connection, const Event& event) {
  ASSERT(connection.session.bind_pending());
  ASSERT(!connection.counted && !connection.receives);
  connection.session.charge(bind_work);
  // Not silent any more: who waits for us to decide does not give way.
  strangers_.remove(connection.stranger);
  BindClaim& claim = connection.claim;
  claim = {};
  claim.system_id = event.system_id;
  if (house_.draining) return refuse(connection, Status::ESME_RBINDFAIL, "shutting down");
  claim.account = house_.directory.find(claim.system_id);
  claim.mode = event.mode;
  io::PasswordQuestion question;
  question.link = connection.id;
  question.account = claim.system_id;
  question.address = connection.stranger.address;
  question.password = event.password;
  if (claim.account != nullptr) question.hash = claim.account->options.password_hash;
  claim.password = house_.world.passwords.digest(question);
  // Those who were here before are not kept out by whoever guesses from the same address.
  if (guesses_.blocked(question.address, claim.system_id, house_.now.mono) !=
          Guesses::Block::none &&
      !house_.world.passwords.known(claim.password))
    return refuse_unheard(connection);
  if (claim.has_plain_password() && claim.account->password_is(question.password))
    return accept(connection);
  ask(connection, question);
}

void Binds::ask(Connection& connection, io::PasswordQuestion& question) {
  ASSERT(connection.claim.question == 0);
  ASSERT(question.link == connection.id);
  if (question.hash.empty()) {
    question.hash = house_.directory.reference_hash();
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
  const bool decoy = claim.account == nullptr || claim.has_plain_password();
  if (verdict == io::PasswordVerdict::unchecked)
    refuse_unchecked(*connection);
  else if (verdict == io::PasswordVerdict::right && !decoy)
    accept(*connection);
  else
    refuse_wrong(*connection);
  links_.touch(*connection);
}

/// The password was right.
void Binds::accept(Connection& connection) {
  const BindClaim& claim = connection.claim;
  ASSERT(claim.account != nullptr);
  ASSERT(!connection.counted && claim.question == 0);
  const Account& account = *claim.account;
  guesses_.succeeded(connection.stranger.address, claim.system_id, house_.now.mono);
  if (!account.may_bind(claim.mode))
    return refuse(connection, Status::ESME_RBINDFAIL, "bind mode not allowed");
  if (!account.state->open_bind(account.options.max_binds))
    return refuse(connection, Status::ESME_RBINDFAIL, "too many binds");
  connection.account = &account;
  connection.session.accept_bind(house_.options.system_id, account.options.submit_window,
                                 account.options.deliver_window, account.options.quirks,
                                 house_.now);
  connection.counted = true;
  house_.world.passwords.hold(claim.password);
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
  log_.about(connection, LogLevel::warning, "bind refused", connection.claim.system_id, why);
  turn_away(connection, status, delay);
}

/// Said without the log. It is a stranger again, who gives way to others until it is closed.
void Binds::turn_away(Connection& connection, Status status, Nanos delay) {
  ASSERT(status != Status::ESME_ROK && delay >= 0);
  ASSERT(!connection.over && !connection.counted);
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

/// Whoever floods the pool is told of once in a while only.
void Binds::refuse_unchecked(Connection& connection) {
  if (log_.may_tell_unchecked())
    return refuse(connection, Status::ESME_RBINDFAIL, "too many password checks waiting");
  connection.quiet = true;
  turn_away(connection, Status::ESME_RBINDFAIL, house_.limits.refusal_delay);
}

Status Binds::wrong_credentials(const BindClaim& claim) const {
  return claim.account == nullptr ? house_.options.unknown_system_id
                                  : claim.account->options.quirks.wrong_credentials;
}

void Binds::leave(Connection& connection) {
  ASSERT(connection.account != nullptr || (!connection.receives && !connection.counted));
  if (connection.receives) {
    connection.receives = false;
    delivery_.remove_bind(connection);
  }
  if (connection.counted) {
    connection.counted = false;
    connection.account->state->close_bind();
    house_.counters.binds_open.subtract();
    house_.world.passwords.release(connection.claim.password);
  }
}

void Binds::note_malformed(Connection& connection) {
  const std::uint32_t refused = connection.session.malformed_binds();
  ASSERT(refused >= connection.malformed_binds_counted);
  if (refused == connection.malformed_binds_counted) return;
  house_.counters.binds_refused.add(refused - connection.malformed_binds_counted);
  connection.malformed_binds_counted = refused;
  log_.malformed_bind(connection);
}

}  // namespace ringgate
