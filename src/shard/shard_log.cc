#include "shard/shard_log.h"

namespace ringgate {
namespace {

constexpr Nanos unchecked_gap = seconds(1);
// Who is refused, or connects and never binds, has so many lines at once, of one address for one
// cause.
constexpr unsigned strangers_told_at_once = 50;
// ... and all of them together.
constexpr unsigned all_strangers_told_at_once = 1000;
constexpr Nanos all_strangers_gap = milliseconds(10);

void put_system_id(LogLine& line, std::optional<std::string_view> system_id) {
  if (system_id)
    line.field("system_id", *system_id);
  else
    line.nothing("system_id");
}

}  // namespace

ShardLog::ShardLog(const House& house)
    : house_(house),
      malformed_binds_told_(house.options.seed),
      strangers_told_(house.options.seed, strangers_told_at_once),
      all_strangers_told_(house.options.seed, all_strangers_told_at_once, all_strangers_gap) {}

void ShardLog::about(const Connection& connection, LogLevel level, std::string_view what,
                     std::optional<std::string_view> system_id, std::string_view cause,
                     std::uint64_t held_back) {
  if (house_.world.log == nullptr) return;
  LogLine line(what);
  put_system_id(line, system_id);
  line.field("peer", connection.peer).field("shard", house_.options.index);
  if (!cause.empty()) line.field("cause", cause);
  if (held_back != 0) line.field("held_back", held_back);
  house_.world.log->write(level, line.view());
}

/// Who was bound always has his line. A storm of strangers would fill the log: those that push each
/// other out are only counted, and of the others one line a second is enough. The cause is part of
/// the key, so that health checks do not hide a client with the wrong protocol.
void ShardLog::closed(const Connection& connection) {
  if (connection.gives_way || connection.quiet) return;
  const Session& session = connection.session;
  std::string why(close_cause_name(session.close_cause()));
  if (!session.foreign_protocol().empty())
    why.append(", it speaks ").append(session.foreign_protocol());
  if (connection.security != nullptr && !connection.security->fault.empty())
    why.append(", ").append(connection.security->fault);
  if (connection.account != nullptr)
    return about(connection, LogLevel::info, "closed", connection.account->options.system_id, why);
  if (const auto held_back = admit(connection, "closed", why))
    about(connection, LogLevel::info, "closed", std::nullopt, why, *held_back);
}

/// How many such lines were held back since the last; empty: this one is. What is in the key is not
/// for the client to choose, or each line of a flood would be the first of its kind.
std::optional<std::uint64_t> ShardLog::admit(const Connection& connection, std::string_view what,
                                             std::string_view cause) {
  std::string key = connection.stranger.address;
  key.append("/").append(what).append("/").append(cause);
  const auto alike = strangers_told_.admit(key, house_.now.mono);
  if (!alike) return std::nullopt;
  const auto others = all_strangers_told_.admit({}, house_.now.mono);
  if (!others) return std::nullopt;
  return *alike + *others;
}

void ShardLog::account_closed(const Account& account, std::uint64_t unbound, std::size_t waiting) {
  if (unbound == 0 && waiting == 0) return;
  LogLine line(account.removed ? "account removed" : "account disabled");
  line.field("system_id", account.options.system_id);
  line.field("unbound", unbound).field("waiting", waiting);
  house_.tell(LogLevel::info, line);
}

void ShardLog::refused_bind(const Connection& connection, std::string_view why) {
  if (const auto held_back = admit(connection, "bind refused", why))
    about(connection, LogLevel::warning, "bind refused", connection.claim.system_id, why,
          *held_back);
}

void ShardLog::malformed_bind(const Connection& connection) {
  if (house_.world.log == nullptr) return;
  const MalformedBind& bind = connection.session.malformed_bind();
  const auto alike = malformed_binds_told_.admit(connection.stranger.address + "/" + bind.system_id,
                                                 house_.now.mono);
  if (!alike) return;
  const auto others = admit(connection, "bind refused", "malformed");
  if (!others) return;
  const std::uint64_t held_back = *alike + *others;
  LogLine line("bind refused");
  put_system_id(line, bind.system_id.empty() ? std::nullopt : std::optional(bind.system_id));
  line.field("peer", connection.peer).field("shard", house_.options.index);
  line.field("cause", "malformed").field("field", bind.field);
  line.field("status", status_name(bind.status));
  if (held_back != 0) line.field("held_back", held_back);
  house_.world.log->write(LogLevel::warning, line.view());
}

bool ShardLog::may_tell_unchecked() {
  if (house_.now.mono < unchecked_quiet_until_) return false;
  unchecked_quiet_until_ = house_.now.mono + unchecked_gap;
  return true;
}

/// At most a line a second for each account, over all shards.
void ShardLog::tell_refusals() {
  const Nanos now = house_.now.mono;
  refusals_.tell(now, [&](std::uint32_t index, Status status, std::uint64_t count) {
    const Account& account = house_.directory().at(index);
    if (house_.world.log == nullptr) return true;
    if (!account.state->may_tell_refusals(now)) return false;
    LogLine line(status == Status::ESME_RTHROTTLED ? "throttled" : "refused");
    line.field("system_id", account.options.system_id).field("shard", house_.options.index);
    line.field("count", count).field("status", status_name(status));
    house_.world.log->write(LogLevel::warning, line.view());
    return true;
  });
}

void ShardLog::tell_memory() {
  const Nanos now = house_.now.mono;
  if (house_.emergency.measure() == told_ || now < memory_quiet_until_) return;
  told_ = house_.emergency.measure();
  memory_quiet_until_ = now + seconds(1);
  LogLine line("memory for octets is watched");
  house_.tell(told_ == Measure::none ? LogLevel::info : LogLevel::warning,
              line.field("measure", house_.emergency.text()));
}

}  // namespace ringgate
