#include "shard/shard_log.h"

namespace ringgate {
namespace {

constexpr Nanos unchecked_gap = seconds(1);
// Who connects and never binds has so many lines at once, of one address for one cause.
constexpr unsigned strangers_told_at_once = 50;

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
      strangers_told_(house.options.seed, strangers_told_at_once) {}

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
  if (connection.account != nullptr)
    return about(connection, LogLevel::info, "closed", connection.account->options.system_id, why);
  const auto held_back =
      strangers_told_.admit(connection.stranger.address + "/" + why, house_.now.mono);
  if (held_back) about(connection, LogLevel::info, "closed", std::nullopt, why, *held_back);
}

void ShardLog::malformed_bind(const Connection& connection) {
  if (house_.world.log == nullptr) return;
  const MalformedBind& bind = connection.session.malformed_bind();
  const auto held_back = malformed_binds_told_.admit(
      connection.stranger.address + "/" + bind.system_id, house_.now.mono);
  if (!held_back) return;
  LogLine line("bind refused");
  put_system_id(line, bind.system_id.empty() ? std::nullopt : std::optional(bind.system_id));
  line.field("peer", connection.peer).field("shard", house_.options.index);
  line.field("cause", "malformed").field("field", bind.field);
  line.field("status", status_name(bind.status));
  if (*held_back != 0) line.field("held_back", *held_back);
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
    const Account& account = house_.directory.at(index);
    if (house_.world.log == nullptr) return true;
    if (!account.state->may_tell_refusals(now)) return false;
    LogLine line(status == Status::ESME_RTHROTTLED ? "throttled" : "refused");
    line.field("system_id", account.options.system_id).field("shard", house_.options.index);
    line.field("count", count).field("status", status_name(status));
    house_.world.log->write(LogLevel::warning, line.view());
    return true;
  });
}

}  // namespace ringgate
