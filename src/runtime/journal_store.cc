#include "runtime/journal_store.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "base/log_line.h"
#include "base/units.h"
#include "runtime/files.h"
#include "runtime/id_key.h"

namespace ringgate::runtime {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t fill_size = std::size_t{1} << 20;
constexpr Nanos progress_pause = seconds(1);

std::string epoch_name(std::uint64_t epoch) {
  char text[32];
  std::snprintf(text, sizeof text, "%08llu", static_cast<unsigned long long>(epoch));
  return text;
}

/// Writes zeros from `offset` to `size`. 0 or a negative errno.
int fill(int fd, std::uint64_t offset, std::uint64_t size) {
  static const std::vector<std::uint8_t> zeros(fill_size);
  // Reserved first, so that a full disk shows before anything is written.
  if (const int refused = posix_fallocate(fd, 0, static_cast<off_t>(size)); refused != 0)
    return -refused;
  while (offset < size) {
    const std::size_t piece = std::min<std::uint64_t>(fill_size, size - offset);
    const ssize_t written = pwrite(fd, zeros.data(), piece, static_cast<off_t>(offset));
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return written < 0 ? -errno : -EIO;
    offset += static_cast<std::uint64_t>(written);
  }
  return fsync(fd) == 0 ? 0 : -errno;
}

/// For synced writes past the page cache, or through it where the file system knows no others.
int open_synced(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDWR | O_DIRECT | O_DSYNC | O_CLOEXEC);
  if (fd >= 0 || errno != EINVAL) return fd >= 0 ? fd : -errno;
  const int buffered = ::open(path.c_str(), O_RDWR | O_DSYNC | O_CLOEXEC);
  return buffered >= 0 ? buffered : -errno;
}

/// The files of the epoch that recovery writes.
class WrittenFiles final : public journal::NewFiles {
 public:
  WrittenFiles(std::string directory, std::uint64_t segment_size,
               std::function<std::string(unsigned, io::FileSlot)> path_of)
      : directory_(std::move(directory)),
        segment_size_(segment_size),
        path_of_(std::move(path_of)) {}
  ~WrittenFiles() {
    for (const auto& [key, one] : open_) close(one.fd);
  }

  Result<void> write(unsigned shard, io::FileSlot file, std::uint64_t offset,
                     Octets octets) override {
    File& one = open_[{shard, file}];
    const std::string path = path_of_(shard, file);
    if (one.fd < 0) {
      one.fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
      if (one.fd < 0) return error_of(path, errno);
    }
    while (!octets.empty()) {
      const ssize_t written =
          pwrite(one.fd, octets.data(), octets.size(), static_cast<off_t>(offset));
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) return error_of(path, written < 0 ? errno : EIO);
      octets = octets.subspan(static_cast<std::size_t>(written));
      offset += static_cast<std::uint64_t>(written);
      one.end = std::max(one.end, offset);
    }
    return {};
  }

  /// Everything is on stable storage after this, and the files have their full length.
  Result<void> finish() {
    for (auto& [key, one] : open_) {
      const int result = fill(one.fd, one.end, segment_size_);
      if (result != 0) return error_of(path_of_(key.first, key.second), -result);
    }
    return sync_directory(directory_);
  }

 private:
  struct File {
    int fd = -1;
    std::uint64_t end = 0;
  };
  const std::string directory_;
  const std::uint64_t segment_size_;
  const std::function<std::string(unsigned, io::FileSlot)> path_of_;
  std::map<std::pair<unsigned, io::FileSlot>, File> open_;
};

Nanos monotonic() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return seconds(now.tv_sec) + now.tv_nsec;
}

}  // namespace

// ---- an epoch that is only read

StoredEpoch::~StoredEpoch() {
  for (const int fd : fds_) close(fd);
}

Result<void> StoredEpoch::open(const std::string& directory) {
  directory_ = directory;
  std::error_code failed;
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(directory, failed))
    names.push_back(entry.path().string());
  if (failed) return error_of(directory, failed.value());
  std::sort(names.begin(), names.end());
  for (const std::string& name : names) {
    const int fd = ::open(name.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) return error_of(name, errno);
    struct stat about;
    if (fstat(fd, &about) != 0) {
      const int number = errno;
      close(fd);
      return error_of(name, number);
    }
    fds_.push_back(fd);
    files_.push_back({name, static_cast<std::uint64_t>(about.st_size)});
  }
  return {};
}

Result<std::size_t> StoredEpoch::read(std::size_t file, std::uint64_t offset,
                                      std::span<std::uint8_t> to) {
  std::size_t got = 0;
  while (got < to.size()) {
    const ssize_t count =
        pread(fds_[file], to.data() + got, to.size() - got, static_cast<off_t>(offset + got));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return error_of(files_[file].name, errno);
    if (count == 0) break;
    got += static_cast<std::size_t>(count);
  }
  return got;
}

// ---- the store

JournalStore::JournalStore(const Options& options, unsigned shard_count, Log* log)
    : options_(options.store),
      data_dir_(options.node.data_dir),
      permuted_ids_(options.node.permuted_ids),
      shard_count_(shard_count),
      files_max_(files_max(options.store, shard_count)),
      log_(log) {
  for (const AccountOptions& account : options.accounts) accounts_.push_back(account.system_id);
}

JournalStore::~JournalStore() {
  for (const ShardFiles& shard : shards_)
    for (const int fd : shard.fds) close(fd);
}

std::uint32_t JournalStore::files_max(const StoreOptions& options, unsigned shard_count) {
  // Fewer could not be emptied one after the other.
  constexpr std::uint64_t files_min = 4;
  const std::uint64_t wanted = options.max_bytes / options.segment_bytes / shard_count;
  return static_cast<std::uint32_t>(std::clamp<std::uint64_t>(wanted, files_min, 1u << 20));
}

std::uint32_t JournalStore::states_max() const {
  const std::uint64_t space = std::uint64_t{files_max_} * options_.segment_bytes;
  return static_cast<std::uint32_t>(
      std::min<std::uint64_t>(options_.max_states, space / 16 / journal::kept_record_size));
}

void JournalStore::log(LogLevel level, std::string_view line) const {
  if (log_ != nullptr) log_->write(level, line);
}

std::string JournalStore::epoch_path(const std::string& data_dir, std::uint64_t epoch) {
  return data_dir + "/journal/" + epoch_name(epoch);
}

std::string JournalStore::file_path(const std::string& directory, unsigned shard,
                                    io::FileSlot file) const {
  char name[32];
  std::snprintf(name, sizeof name, "/%02u-%04u", shard, file);
  return directory + name;
}

std::uint64_t JournalStore::last_epoch(const std::string& data_dir) {
  std::uint64_t last = 0;
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(data_dir + "/journal", failed)) {
    const std::string name = entry.path().filename().string();
    if (name.empty() || name.find_first_not_of("0123456789") != std::string::npos) continue;
    last = std::max<std::uint64_t>(last, std::strtoull(name.c_str(), nullptr, 10));
  }
  return last;
}

Result<void> JournalStore::lock() {
  std::error_code failed;
  fs::create_directories(data_dir_ + "/journal", failed);
  if (failed) return error_of("node.data_dir " + data_dir_, failed.value());
  auto taken = DataLock::take(data_dir_);
  if (!taken) return taken.error();
  lock_ = std::move(taken).value();
  return {};
}

Result<void> JournalStore::open() {
  auto locked = lock();
  if (!locked) return locked;
  return open_locked(false);
}

Result<void> JournalStore::salvage(DataLock lock) {
  ASSERT(lock.held());
  lock_ = std::move(lock);
  return open_locked(true);
}

Result<void> JournalStore::open_locked(bool salvage) {
  if (permuted_ids_) {
    const auto key = stored_id_key(data_dir_);
    if (!key) return key.error();
    ids_ = MessageIdCodec(key.value());
  }
  auto recovered = recover(salvage);
  if (!recovered) return recovered;
  return open_files();
}

Result<void> JournalStore::recover(bool salvage) {
  const Nanos begun = monotonic();
  const std::uint64_t old_epoch = last_epoch(data_dir_);
  epoch_ = old_epoch + 1;
  StoredEpoch old;
  journal::Scanned scanned;
  Nanos told = begun;
  const journal::Progress progress = [&](const char* what, double share) {
    if (monotonic() - told < progress_pause) return;
    told = monotonic();
    log(LogLevel::info, "recovery: " + std::string(what) + ", " +
                            std::to_string(static_cast<int>(share * 100)) + " %");
  };
  if (old_epoch != 0) {
    auto opened = old.open(epoch_path(data_dir_, old_epoch));
    if (!opened) return opened;
    auto found = journal::scan(old, old_epoch, progress);
    if (!found) return found.error();
    scanned = std::move(found.value());
    if (const journal::Damage* damage = scanned.first_damage(); damage != nullptr && !salvage)
      return Error{ErrorCode::invalid, 0,
                   "journal: " + old.files()[damage->file].name + " at offset " +
                       std::to_string(damage->offset) + ": " + damage->what +
                       ". Acknowledged messages may be missing. To take over what is left: "
                       "ringgate journal repair " +
                       data_dir_};
  }

  const std::string directory = epoch_path(data_dir_, epoch_) + ".new";
  std::error_code failed;
  fs::remove_all(directory, failed);
  fs::create_directories(directory, failed);
  if (failed) return error_of(directory, failed.value());
  journal::RecoveryOptions options;
  options.old_epoch = old_epoch;
  options.epoch = epoch_;
  options.shard_count = static_cast<std::uint16_t>(shard_count_);
  options.segment_size = options_.segment_bytes;
  options.wall_s = time(nullptr);
  options.states_max = states_max();
  options.accounts = accounts_;
  options.ids = ids_;
  WrittenFiles files(directory, options_.segment_bytes, [&](unsigned shard, io::FileSlot file) {
    return file_path(directory, shard, file);
  });
  auto rewritten = journal::rewrite(old, scanned, options, files, progress);
  if (!rewritten) return rewritten.error();
  recovered_ = std::move(rewritten.value());
  auto finished = files.finish();
  if (!finished) return finished;

  for (const auto& [name, count] : recovered_.orphans)
    log(LogLevel::warning,
        LogLine("recovery: open messages of an account that is not configured any more stay behind")
            .field("system_id", name)
            .field("messages", count)
            .field("in", "set-aside/" + epoch_name(old_epoch))
            .view());
  const bool set_aside = !recovered_.orphans.empty() || scanned.first_damage() != nullptr;
  auto committed = commit(old, old_epoch, set_aside);
  if (!committed) return committed;
  const auto milliseconds_taken = (monotonic() - begun) / 1'000'000;
  log(LogLevel::info, "recovered messages=" + std::to_string(recovered_.messages) +
                          " receipts=" + std::to_string(recovered_.receipts) +
                          " mo=" + std::to_string(recovered_.mos) +
                          " cut_batches=" + std::to_string(recovered_.cut) +
                          " ms=" + std::to_string(milliseconds_taken));
  return {};
}

/// The new epoch takes the place of the old one, whose files it uses as far as it can.
Result<void> JournalStore::commit(StoredEpoch& old, std::uint64_t old_epoch, bool set_aside) {
  const std::string path = epoch_path(data_dir_, epoch_);
  std::error_code failed;
  fs::rename(path + ".new", path, failed);
  if (failed) return error_of(path, failed.value());
  auto synced = sync_directory(data_dir_ + "/journal");
  if (!synced) return synced;

  if (old_epoch == 0) return {};
  const std::string old_path = epoch_path(data_dir_, old_epoch);
  if (set_aside) {
    fs::create_directories(data_dir_ + "/set-aside", failed);
    if (!failed) fs::rename(old_path, data_dir_ + "/set-aside/" + epoch_name(old_epoch), failed);
    if (failed) return error_of(old_path, failed.value());
  } else {
    // From here on they are only space.
    std::size_t next = 0;
    for (unsigned shard = 0; shard < shard_count_; ++shard) {
      auto file = static_cast<io::FileSlot>(recovered_.shards[shard].segments.size());
      const std::size_t share = old.files().size() / shard_count_;
      for (std::size_t i = 0; i < share && file < files_max_ && next < old.files().size(); ++next) {
        const journal::StoredFile& one = old.files()[next];
        if (one.size != options_.segment_bytes) continue;
        fs::rename(one.name, file_path(path, shard, file), failed);
        if (failed) break;
        ++file;
        ++i;
      }
    }
    fs::remove_all(old_path, failed);
  }
  // Whatever else lies there was given up by an earlier recovery that did not come to its end.
  for (const auto& entry : fs::directory_iterator(data_dir_ + "/journal", failed))
    if (entry.path() != fs::path(path)) fs::remove_all(entry.path(), failed);
  synced = sync_directory(path);
  if (!synced) return synced;
  return sync_directory(data_dir_ + "/journal");
}

Result<void> JournalStore::open_files() {
  const std::string directory = epoch_path(data_dir_, epoch_);
  shards_.resize(shard_count_);
  for (unsigned shard = 0; shard < shard_count_; ++shard) {
    ShardFiles& files = shards_[shard];
    files.start = recovered_.shards[shard];
    for (io::FileSlot file = 0;; ++file) {
      const std::string path = file_path(directory, shard, file);
      std::error_code failed;
      const bool there = fs::exists(path, failed);
      // Two empty files at least, so that the first messages need not wait for them.
      const bool needed = file <= files.start.segments.size() + 1;
      if (!there && !needed) break;
      const int fd = there ? open_synced(path) : make_file(shard, file);
      if (fd < 0) return error_of(path, -fd);
      files.fds.push_back(fd);
    }
  }
  return {};
}

int JournalStore::make_file(unsigned shard, io::FileSlot file) const {
  const std::string directory = epoch_path(data_dir_, epoch_);
  const std::string path = file_path(directory, shard, file);
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
  if (fd < 0) return -errno;
  int result = fill(fd, 0, options_.segment_bytes);
  close(fd);
  if (result == 0) {
    const auto synced = sync_directory(directory);
    if (!synced) result = -synced.error().os_errno;
  }
  if (result != 0) {
    unlink(path.c_str());
    return result;
  }
  return open_synced(path);
}

// ---- the filler

Filler::~Filler() {
  {
    const std::scoped_lock lock(mutex_);
    ending_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void Filler::make(unsigned shard, io::FileSlot file, std::function<void(int)> done) {
  const std::scoped_lock lock(mutex_);
  if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
  orders_.push_back({shard, file, std::move(done)});
  wake_.notify_one();
}

void Filler::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [this] { return ending_ || !orders_.empty(); });
    if (ending_) return;
    const Order order = std::move(orders_.front());
    orders_.pop_front();
    lock.unlock();
    order.done(store_.make_file(order.shard, order.file));
    lock.lock();
  }
}

}  // namespace ringgate::runtime
