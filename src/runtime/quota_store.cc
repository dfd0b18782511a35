#include "runtime/quota_store.h"

#include <array>
#include <chrono>
#include <fstream>
#include <sstream>
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

bool read_line(const std::string& line, Values& values, std::string& system_id) {
  std::istringstream in(line);
  for (QuotaUse::Value& value : values)
    if (!(in >> value.period >> value.used)) return false;
  // A name may begin with a space.
  if (in.get() != ' ') return false;
  return static_cast<bool>(std::getline(in, system_id)) && !system_id.empty();
}

}  // namespace

QuotaStore::QuotaStore(std::string data_dir, Log* log)
    : data_dir_(std::move(data_dir)), log_(log) {}

void QuotaStore::load(const Directory& directory) {
  const std::string path = data_dir_ + "/" + std::string(file_name);
  std::ifstream in(path);
  std::string line;
  if (!in || !std::getline(in, line)) return;
  bool sound = line == head;
  while (sound && std::getline(in, line)) {
    Values values;
    std::string system_id;
    sound = read_line(line, values, system_id);
    const Account* const account = sound ? directory.find(system_id) : nullptr;
    if (account == nullptr) continue;
    for (std::size_t i = 0; i < values.size(); ++i) account->state->quotas[i].set(values[i]);
  }
  if (sound || log_ == nullptr) return;
  LogLine told("quotas are counted anew for some accounts: a file cannot be read");
  told.field("file", path);
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
    std::string line;
    bool is_used = false;
    for (const QuotaUse& use : account.state->quotas) {
      const QuotaUse::Value value = use.get();
      is_used = is_used || value.used != 0;
      line += std::to_string(value.period) + ' ' + std::to_string(value.used) + ' ';
    }
    if (is_used) out += line + account.options.system_id + '\n';
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
