// Binds: who may, and what the account's home shard hears of it.
#include "base/log_line.h"
#include "shard/shard.h"

namespace ringgate {
namespace {

BindMode mode_of(smpp::Command bind_command) {
  switch (bind_command) {
    case smpp::Command::bind_transmitter:
      return BindMode::transmitter;
    case smpp::Command::bind_receiver:
      return BindMode::receiver;
    default:
      return BindMode::transceiver;
  }
}

/// Accounts are looked up and lines logged.
constexpr std::int64_t bind_work = 16;

}  // namespace

void Shard::on_bind(Connection& connection, const Event& event) {
  const std::string_view system_id = event.bind.system_id;
  connection.session.charge(bind_work);
  // Not silent any more: who waits for us to decide does not give way.
  strangers_.remove(connection.stranger);
  const Account* const account = directory_.find(system_id);
  if (draining_) return bind_refuse(connection, system_id, Status::ESME_RBINDFAIL, "shutting down");
  if (account == nullptr)
    return bind_refuse(connection, system_id, options_.unknown_system_id, "unknown system_id");
  if (!account->may_bind(mode_of(event.command)))
    return bind_refuse(connection, system_id, Status::ESME_RBINDFAIL, "bind mode not allowed");
  if (!account->options.password_hash.empty()) {
    connection.account = account;
    if (!world_.passwords.compare(connection.id, account->options.password_hash,
                                  std::string(event.bind.password)))
      bind_refuse(connection, system_id, Status::ESME_RBINDFAIL,
                  "too many password checks waiting");
    return;
  }
  if (!account->password_is(event.bind.password))
    return bind_refuse(connection, system_id, account->options.quirks.wrong_credentials,
                       "wrong password");
  bind_accept(connection, *account);
}

void Shard::on_password(LinkId link, bool matches) {
  Connection* const connection = find(link);
  if (connection == nullptr || connection->over || !connection->session.bind_pending()) return;
  const Account* const account = connection->account;
  ASSERT(account != nullptr);
  if (matches)
    bind_accept(*connection, *account);
  else
    bind_refuse(*connection, account->options.system_id, account->options.quirks.wrong_credentials,
                "wrong password");
  touch(*connection);
}

void Shard::bind_accept(Connection& connection, const Account& account) {
  if (!account.state->open_bind(account.options.max_binds))
    return bind_refuse(connection, account.options.system_id, Status::ESME_RBINDFAIL,
                       "too many binds");
  connection.account = &account;
  connection.bound_once = true;
  connection.session.accept_bind(options_.system_id, account.options.submit_window,
                                 account.options.deliver_window, account.options.quirks, now_);
  connection.counted = true;
  counters_.binds_ok.add();
  counters_.binds_open.add();
  counters_.strangers.set(strangers_.count());
  commands_.push_back({io::LinkCommand::Kind::stream, connection.id, {}});
  log(LogLevel::info, connection, "bound", account.options.system_id);
  if (connection.session.can_receive()) {
    connection.receives = true;
    tell_home(MailKind::bind_added, connection);
  }
}

void Shard::bind_refuse(Connection& connection, std::string_view system_id, Status status,
                        std::string_view why) {
  counters_.binds_refused.add();
  log(LogLevel::warning, connection, "bind refused", system_id, why);
  connection.session.refuse_bind(status, now_);
  strangers_.add(connection.stranger);
}

/// Idempotent: at unbind and again at the end of the connection.
void Shard::leave_account(Connection& connection) {
  if (connection.receives) {
    connection.receives = false;
    tell_home(MailKind::bind_removed, connection);
  }
  if (connection.counted) {
    connection.counted = false;
    connection.account->state->close_bind();
    counters_.binds_open.subtract();
  }
}

void Shard::tell_home(MailKind kind, const Connection& connection) {
  const std::uint32_t account = connection.account->index;
  const BindRef bind{connection.id, static_cast<std::uint16_t>(options_.index)};
  const auto window = static_cast<std::uint16_t>(
      kind == MailKind::bind_added ? connection.session.window().size() : 0);
  if (home_of(account) == options_.index) return home_bind(account, bind, window);
  world_.mesh.post(home_of(account), {static_cast<std::uint8_t>(kind), 0, window, account,
                                      bind.link.value, bind.shard});
}

Connection* Shard::misrouted(Connection& connection, std::uint32_t account, std::string_view what) {
  counters_.misrouted.add();
  log(LogLevel::error, connection, "not sent: it belongs to somebody else",
      directory_.at(account).options.system_id, what);
  return nullptr;
}

void Shard::log(LogLevel level, const Connection& connection, std::string_view what,
                std::optional<std::string_view> system_id, std::string_view detail) {
  if (world_.log == nullptr) return;
  LogLine line(what);
  if (system_id)
    line.field("system_id", *system_id);
  else
    line.nothing("system_id");
  line.field("peer", connection.peer).field("shard", options_.index);
  if (!detail.empty()) line.field("cause", detail);
  world_.log->write(level, line.view());
}

}  // namespace ringgate
