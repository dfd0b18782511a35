#include "daemon/reload.h"

#include "base/log_line.h"
#include "daemon/tls.h"
#include "options/option_changes.h"

namespace ringgate {
namespace {

// So many lines for each list: whoever changes thousands knows what he does.
constexpr std::size_t told_max = 50;

void tell_each(Log& log, std::string_view what, const std::vector<std::string>& names) {
  for (std::size_t i = 0; i < names.size() && i < told_max; ++i)
    log.write(LogLevel::info, LogLine(what).field("system_id", names[i]).view());
  if (names.size() > told_max)
    log.write(LogLevel::info, LogLine(what).field("more", names.size() - told_max).view());
}

void tell_errors(Log& log, const std::vector<ConfigError>& errors, LogLevel level) {
  for (std::size_t i = 0; i < errors.size() && i < told_max; ++i)
    log.write(level, "reload: " + errors[i].text());
}

}  // namespace

void Reload::run(Server& server, Log& log) {
  std::vector<ConfigError> broken;
  Config next = reload_config(path_, running_, broken);
  tell_errors(log, broken, LogLevel::warning);
  if (!next.ok()) {
    tell_errors(log, next.errors, LogLevel::error);
    return log.write(LogLevel::error, "reload refused: nothing has changed");
  }
  if (!broken.empty())
    log.write(LogLevel::warning, "reload: accounts of those files stay as they are");
  AccountsDiff diff;
  const std::string refusal =
      server.set_accounts(next.options.accounts, next.options.numbers, diff);
  if (!refusal.empty()) {
    log.write(LogLevel::error, "reload: " + refusal);
    return log.write(LogLevel::error, "reload refused: nothing has changed");
  }
  tell_each(log, "account added", diff.added);
  tell_each(log, "account changed", diff.changed);
  tell_each(log, "account removed", diff.removed);
  LogLine line("reloaded");
  line.field("accounts", next.options.accounts.size()).field("added", diff.added.size());
  line.field("changed", diff.changed.size()).field("removed", diff.removed.size());
  line.field("numbers", diff.numbers ? "changed" : "as_before");
  log.write(LogLevel::info, line.view());
  for (const std::string& key : fixed_options_changed(started_, next.options))
    log.write(LogLevel::warning, "reload: " + key + " is as it was: to change it needs a restart");
  running_ = std::move(next);
  if (const std::string why = server.reload_certificates(); !why.empty())
    log.write(LogLevel::error, "reload: certificates stay as they are: " + why);
  else
    tell_certificates(server, log, LogLevel::info);
}

}  // namespace ringgate
