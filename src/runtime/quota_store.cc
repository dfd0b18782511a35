#include "runtime/quota_store.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <optional>
#include <utility>

#include "base/log_line.h"
#include "runtime/background.h"
#include "runtime/files.h"

namespace ringgate::runtime {
namespace {

constexpr std::string_view file_name = "quotas";
constexpr std::string_view head = "ringgate quotas 1";
constexpr auto interval = std::chrono::seconds(1);

using Values = std::array<QuotaUse::Value, quota_period_s.size()>;

/// The number that a line begins with, and the space behind it, which are taken away.
std::optional<std::uint32_t> take_number(std::string_view& line) {
  std::uint32_t number = 0;
  const char* const end = line.data() + line.size();
  const auto [behind, error] = std::from_chars(line.data(), end, number);
  if (error != std::errc{} || behind == end || *behind != ' ') return std::nullopt;
  line.remove_prefix(static_cast<std::size_t>(behind - line.data()) + 1);
  return number;
}

/// What is left of the line is a name, which may begin with a space.
bool take_values(std::string_view& line, Values& values) {
  for (QuotaUse::Value& value : values) {
    const auto period = take_number(line);
    const auto used = take_number(line);
    if (!period || !used) return false;
    value = {*period, *used};
  }
  return !line.empty();
}

}  // namespace

// Where nothing was ever used there is no file.
QuotaStore::QuotaStore(std::string data_dir, Log* log)
    : data_dir_(std::move(data_dir)), log_(log), written_(std::string(head) + '\n') {}

void QuotaStore::load(const Directory& directory) {
  const std::string path = data_dir_ + "/" + std::string(file_name);
  std::ifstream in(path);
  if (!in) {
    if (errno != ENOENT) tell_unread(path, std::strerror(errno));
    return;
  }
  std::string text;
  if (!std::getline(in, text) || text != head) return tell_unread(path, "it begins otherwise");
  std::size_t bad = 0;
  while (std::getline(in, text)) {
    std::string_view line = text;
    Values values;
    if (!take_values(line, values)) {
      ++bad;
      continue;
    }
    const Account* const account = directory.find(line);
    if (account == nullptr) continue;
    for (std::size_t i = 0; i < values.size(); ++i) account->state->quotas[i].set(values[i]);
  }
  if (bad != 0) tell_unread(path, std::to_string(bad) + " lines are damaged");
}

/// What could be read counts. The file is kept for whoever wants to look: another takes its place.
void QuotaStore::tell_unread(const std::string& path, std::string_view why) {
  const std::string kept = path + ".bad";
  const bool is_kept = std::rename(path.c_str(), kept.c_str()) == 0;
  if (log_ == nullptr) return;
  LogLine told("quotas are counted anew where they cannot be read");
  told.field("file", path).field("why", why);
  if (is_kept) told.field("kept", kept);
  log_->write(LogLevel::warning, told.view());
}

void QuotaStore::start(std::shared_ptr<const Rosters> rosters) {
  rosters_ = std::move(rosters);
  thread_ = std::thread([this] { run(); });
}

void QuotaStore::stop() {
  if (!thread_.joinable()) return;
  {
    const std::scoped_lock lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void QuotaStore::run() {
  work_in_background();
  std::unique_lock lock(mutex_);
  bool ends = false;
  while (!ends) {
    ends = wake_.wait_for(lock, interval, [this] { return stop_; });
    lock.unlock();
    save();
    lock.lock();
  }
}

std::string QuotaStore::text() const {
  std::string out(head);
  out += '\n';
  const std::shared_ptr<const Roster> roster = rosters_->current();
  const Directory& directory = roster->directory;
  for (std::uint32_t i = 0; i < directory.size(); ++i) {
    const Account& account = directory.at(i);
    Values values;
    std::ranges::transform(account.state->quotas, values.begin(), &QuotaUse::get);
    if (std::ranges::all_of(values, [](const auto& value) { return value.used == 0; })) continue;
    for (const QuotaUse::Value& value : values)
      out += std::to_string(value.period) + ' ' + std::to_string(value.used) + ' ';
    out += account.options.system_id + '\n';
  }
  return out;
}

void QuotaStore::save() {
  std::string now = text();
  if (now == written_) return;
  const auto saved = write_file(data_dir_, std::string(file_name), now);
  if (saved) {
    written_ = std::move(now);
    has_failed_ = false;
  } else if (!std::exchange(has_failed_, true) && log_ != nullptr) {
    LogLine told("what accounts have used of their quotas cannot be written, and is tried again");
    told.field("why", saved.error().text);
    log_->write(LogLevel::error, told.view());
  }
}

}  // namespace ringgate::runtime
