// Binds: who may, and what the account's home shard hears of it.
#include "base/log_line.h"
#include "shard/shard.h"

namespace ringgate {
namespace {

constexpr Nanos unchecked_log_gap = seconds(1);

/// Accounts are looked up and lines logged.
constexpr std::int64_t bind_work = 16;

}  // namespace

// What costs time costs it whoever asks: where any account has a hash, a name that nobody has and a
// wrong plain password are compared with a hash as well, and whether the account may bind like this
// is looked at behind the password. Otherwise the time would tell a stranger which names are taken.
void Shard::on_bind(Connection& connection, const Event& event) {
  ASSERT(connection.session.bind_pending());
  ASSERT(!connection.counted && !connection.receives);
  connection.session.charge(bind_work);
  // Not silent any more: who waits for us to decide does not give way.
  strangers_.remove(connection.stranger);
  BindClaim& claim = connection.claim;
  claim = {};
  claim.system_id = event.bind.system_id;
  if (draining_) return bind_refuse(connection, Status::ESME_RBINDFAIL, "shutting down");
  claim.account = directory_.find(claim.system_id);
  claim.mode = event.mode;
  io::PasswordQuestion question;
  question.link = connection.id;
  question.account = claim.system_id;
  question.address = connection.stranger.address;
  question.password = event.bind.password;
  if (claim.account != nullptr) question.hash = claim.account->options.password_hash;
  claim.password = world_.passwords.digest(question);
  // Those who were here before are not kept out by whoever guesses from the same address.
  if (guesses_.blocked(question.address, claim.system_id, now_.mono) != Guesses::Block::none &&
      !world_.passwords.known(claim.password))
    return bind_refuse_unheard(connection);
  if (claim.has_plain_password() && claim.account->password_is(question.password))
    return bind_accept(connection);
  bind_ask(connection, question);
}

void Shard::bind_ask(Connection& connection, io::PasswordQuestion& question) {
  ASSERT(connection.claim.question == 0);
  ASSERT(question.link == connection.id);
  if (question.hash.empty()) {
    question.hash = directory_.reference_hash();
    question.decoy = true;
    if (question.hash.empty()) return bind_refuse_wrong(connection);
  }
  question.question = ++questions_;
  switch (world_.passwords.compare(question)) {
    case io::PasswordReply::asked:
      connection.claim.question = question.question;
      return counters_.passwords_asked.add();
    case io::PasswordReply::known:
      ASSERT(!question.decoy);
      counters_.passwords_known.add();
      return bind_accept(connection);
    case io::PasswordReply::full:
      return bind_refuse_unchecked(connection);
  }
  UNREACHABLE();
}

void Shard::on_password(LinkId link, std::uint64_t question, io::PasswordVerdict verdict) {
  Connection* const connection = links_.find(link);
  if (connection == nullptr || connection->over || !connection->session.bind_pending()) return;
  BindClaim& claim = connection->claim;
  if (question == 0 || claim.question != question) return;
  claim.question = 0;
  const bool decoy = claim.account == nullptr || claim.has_plain_password();
  if (verdict == io::PasswordVerdict::unchecked)
    bind_refuse_unchecked(*connection);
  else if (verdict == io::PasswordVerdict::right && !decoy)
    bind_accept(*connection);
  else
    bind_refuse_wrong(*connection);
  links_.touch(*connection);
}

/// The password was right.
void Shard::bind_accept(Connection& connection) {
  const BindClaim& claim = connection.claim;
  ASSERT(claim.account != nullptr);
  ASSERT(!connection.counted && claim.question == 0);
  const Account& account = *claim.account;
  guesses_.succeeded(connection.stranger.address, claim.system_id, now_.mono);
  if (!account.may_bind(claim.mode))
    return bind_refuse(connection, Status::ESME_RBINDFAIL, "bind mode not allowed");
  if (!account.state->open_bind(account.options.max_binds))
    return bind_refuse(connection, Status::ESME_RBINDFAIL, "too many binds");
  connection.account = &account;
  connection.session.accept_bind(options_.system_id, account.options.submit_window,
                                 account.options.deliver_window, account.options.quirks, now_);
  connection.counted = true;
  world_.passwords.hold(claim.password);
  counters_.binds_ok.add();
  counters_.binds_open.add();
  links_.command(io::LinkCommand::Kind::stream, connection);
  log(LogLevel::info, connection, "bound", account.options.system_id);
  if (connection.session.can_receive()) {
    connection.receives = true;
    tell_home(MailKind::bind_added, connection);
  }
}

void Shard::bind_refuse(Connection& connection, Status status, std::string_view why) {
  bind_refuse(connection, status, why, limits_.refusal_delay);
}

void Shard::bind_refuse(Connection& connection, Status status, std::string_view why, Nanos delay) {
  log(LogLevel::warning, connection, "bind refused", connection.claim.system_id, why);
  turn_away(connection, status, delay);
}

/// Said without the log. It is a stranger again, who gives way to others until it is closed.
void Shard::turn_away(Connection& connection, Status status, Nanos delay) {
  ASSERT(status != Status::ESME_ROK && delay >= 0);
  ASSERT(!connection.over && !connection.counted);
  counters_.binds_refused.add();
  connection.session.refuse_bind(status, now_, delay);
  strangers_.add(connection.stranger, now_.mono);
}

void Shard::bind_refuse_wrong(Connection& connection) {
  const BindClaim& claim = connection.claim;
  ASSERT(claim.question == 0);
  const Guesses::Failure failure =
      guesses_.failed(connection.stranger.address, claim.system_id, now_.mono);
  bind_refuse(connection, wrong_credentials(claim),
              claim.account == nullptr ? "unknown system_id" : "wrong password", failure.delay);
  if (failure.begun == Guesses::Block::pair)
    log(LogLevel::warning, connection, "address blocked for this system_id", claim.system_id,
        "too many wrong passwords");
  if (failure.begun == Guesses::Block::address)
    log(LogLevel::warning, connection, "address blocked", claim.system_id,
        "too many wrong passwords");
}

/// The log has told when the block began, and hears no more of it: whoever guesses could fill a
/// disk.
void Shard::bind_refuse_unheard(Connection& connection) {
  counters_.binds_blocked.add();
  connection.quiet = true;
  turn_away(connection, wrong_credentials(connection.claim), limits_.refusal_delay);
}

/// Whoever floods the pool is told of once in a while only.
void Shard::bind_refuse_unchecked(Connection& connection) {
  if (unchecked_quiet_until_ <= now_.mono) {
    unchecked_quiet_until_ = now_.mono + unchecked_log_gap;
    return bind_refuse(connection, Status::ESME_RBINDFAIL, "too many password checks waiting");
  }
  connection.quiet = true;
  turn_away(connection, Status::ESME_RBINDFAIL, limits_.refusal_delay);
}

Status Shard::wrong_credentials(const BindClaim& claim) const {
  return claim.account == nullptr ? options_.unknown_system_id
                                  : claim.account->options.quirks.wrong_credentials;
}

/// Idempotent: at unbind and again at the end of the connection.
void Shard::leave_account(Connection& connection) {
  ASSERT(connection.account != nullptr || (!connection.receives && !connection.counted));
  if (connection.receives) {
    connection.receives = false;
    tell_home(MailKind::bind_removed, connection);
  }
  if (connection.counted) {
    connection.counted = false;
    connection.account->state->close_bind();
    counters_.binds_open.subtract();
    world_.passwords.release(connection.claim.password);
  }
}

void Shard::tell_home(MailKind kind, const Connection& connection) {
  ASSERT(kind == MailKind::bind_added || kind == MailKind::bind_removed);
  ASSERT(connection.account != nullptr);
  const std::uint32_t account = connection.account->index;
  const BindRef bind{connection.id, static_cast<std::uint16_t>(options_.index)};
  const auto window = static_cast<std::uint16_t>(
      kind == MailKind::bind_added ? connection.session.window().size() : 0);
  ASSERT((window != 0) == (kind == MailKind::bind_added));
  if (home_of(account) == options_.index) return home_bind(account, bind, window);
  world_.mesh.post(home_of(account), {static_cast<std::uint8_t>(kind), 0, window, account,
                                      bind.link.value, bind.shard});
}

Connection* Shard::misrouted(Connection& connection, std::uint32_t account, std::string_view what) {
  ASSERT(account < directory_.size() && !connection.serves(account));
  counters_.misrouted.add();
  log(LogLevel::error, connection, "not sent: it belongs to somebody else",
      directory_.at(account).options.system_id, what);
  return nullptr;
}

/// The session has refused them, as their fields cannot be read.
void Shard::note_malformed_binds(Connection& connection) {
  const Session& session = connection.session;
  ASSERT(session.malformed_binds() > connection.malformed_binds_counted);
  counters_.binds_refused.add(session.malformed_binds() - connection.malformed_binds_counted);
  connection.malformed_binds_counted = session.malformed_binds();
  if (world_.log == nullptr) return;
  const MalformedBind& bind = session.malformed_bind();
  const auto held_back =
      malformed_binds_told_.admit(connection.stranger.address + "/" + bind.system_id, now_.mono);
  if (!held_back) return;
  LogLine line("bind refused");
  if (bind.system_id.empty())
    line.nothing("system_id");
  else
    line.field("system_id", bind.system_id);
  line.field("peer", connection.peer).field("shard", options_.index).field("cause", "malformed");
  line.field("field", bind.field).field("status", status_name(bind.status));
  if (*held_back != 0) line.field("held_back", *held_back);
  world_.log->write(LogLevel::warning, line.view());
}

/// What was refused to accounts: at most a line a second for each, over all shards.
void Shard::tell_refusals() {
  refusals_.tell(now_.mono, [this](std::uint32_t index, Status status, std::uint64_t count) {
    const Account& account = directory_.at(index);
    if (world_.log == nullptr) return true;
    if (!account.state->may_tell_refusals(now_.mono)) return false;
    LogLine line(status == Status::ESME_RTHROTTLED ? "throttled" : "refused");
    line.field("system_id", account.options.system_id).field("shard", options_.index);
    line.field("count", count).field("status", status_name(status));
    world_.log->write(LogLevel::warning, line.view());
    return true;
  });
}

/// Who was bound always has his line. A storm of strangers would fill the log: those that push each
/// other out are only counted, and of the others one line a second is enough. The cause is part of
/// the key, so that health checks do not hide a client with the wrong protocol.
void Shard::tell_closed(const Connection& connection) {
  if (connection.gives_way || connection.quiet) return;
  const Session& session = connection.session;
  std::string why(close_cause_name(session.close_cause()));
  if (!session.foreign_protocol().empty())
    why.append(", it speaks ").append(session.foreign_protocol());
  if (connection.account != nullptr)
    return log(LogLevel::info, connection, "closed", connection.account->options.system_id, why);
  const auto held_back = strangers_told_.admit(connection.stranger.address + "/" + why, now_.mono);
  if (held_back) log(LogLevel::info, connection, "closed", std::nullopt, why, *held_back);
}

void Shard::log(LogLevel level, const Connection& connection, std::string_view what,
                std::optional<std::string_view> system_id, std::string_view detail,
                std::uint64_t held_back) {
  if (world_.log == nullptr) return;
  LogLine line(what);
  if (system_id)
    line.field("system_id", *system_id);
  else
    line.nothing("system_id");
  line.field("peer", connection.peer).field("shard", options_.index);
  if (!detail.empty()) line.field("cause", detail);
  if (held_back != 0) line.field("held_back", held_back);
  world_.log->write(level, line.view());
}

}  // namespace ringgate
