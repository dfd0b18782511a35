#include "runtime/journal_store.h"

#include <fcntl.h>
#include <sys/random.h>
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
#include "smpp/receipt_text.h"

namespace ringgate::runtime {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t fill_size = std::size_t{1} << 20;
constexpr Nanos progress_pause = seconds(1);

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

/// Nobody outside can know it, or work it out from what the server answers.
Result<std::uint64_t> random_salt() {
  std::uint64_t salt = 0;
  if (getrandom(&salt, sizeof salt, 0) != static_cast<ssize_t>(sizeof salt))
    return error_of("getrandom", errno);
  return salt;
}

/// The files of the epoch that recovery writes.
class WrittenFiles final : public journal::NewFiles {
 public:
  WrittenFiles(std::string directory, std::uint64_t segment_size)
      : directory_(std::move(directory)), segment_size_(segment_size) {}
  ~WrittenFiles() {
    for (const auto& [key, one] : open_) close(one.fd);
  }

  Result<void> write(unsigned shard, io::FileSlot file, std::uint64_t offset,
                     Octets octets) override {
    File& one = open_[{shard, file}];
    const std::string path = path_of(shard, file);
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
      if (result != 0) return error_of(path_of(key.first, key.second), -result);
    }
    return sync_directory(directory_);
  }

 private:
  struct File {
    int fd = -1;
    std::uint64_t end = 0;
  };
  std::string path_of(unsigned shard, io::FileSlot file) const {
    return directory_ + "/" + journal::Epochs::file_name(shard, file);
  }

  const std::string directory_;
  const std::uint64_t segment_size_;
  std::map<std::pair<unsigned, io::FileSlot>, File> open_;
};

class EpochsOnDisk final : public journal::EpochFiles {
 public:
  EpochsOnDisk(const std::string& data_dir, std::uint64_t segment_size)
      : root_(data_dir + "/"), segment_size_(segment_size) {}

  Result<journal::OldFiles*> open_old(const std::string& directory) override {
    auto opened = old_.open(root_ + directory);
    if (!opened) return opened.error();
    return &old_;
  }
  journal::NewFiles& open_new(const std::string& directory) override {
    return new_.emplace(root_ + directory, segment_size_);
  }
  Result<void> finish_new() override { return new_->finish(); }

 private:
  const std::string root_;
  const std::uint64_t segment_size_;
  StoredEpoch old_;
  std::optional<WrittenFiles> new_;
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
  for (const auto& entry : fs::directory_iterator(directory, failed)) {
    const std::string name = entry.path().filename().string();
    if (journal::Epochs::is_segment(name)) names.push_back(entry.path().string());
  }
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

// ---- a journal that is only read

namespace {

/// What is damaged is named by its path below the directory; what cannot be read, by its whole one.
Error error_in(const std::string& data_dir, Error error) {
  if (error.code == ErrorCode::invalid) error.text = data_dir + "/" + error.text;
  return error;
}

}  // namespace

Result<void> StoredJournal::open(const std::string& data_dir) {
  Directories directories(data_dir);
  auto found = journal::Epochs(directories).current();
  if (!found) return error_in(data_dir, found.error());
  note = std::move(found.value());
  if (note.epoch.number == 0) return {};
  return read(data_dir + "/" + journal::Epochs::path_of(note.epoch.number));
}

Result<void> StoredJournal::open_set_aside(const std::string& data_dir,
                                           const journal::EpochNote& successor) {
  Directories directories(data_dir);
  journal::Epochs epochs(directories);
  const auto path = epochs.find_set_aside(successor);
  if (!path) return path.error();
  if (path.value().empty()) return {};
  auto found = epochs.note_of(path.value(), successor.previous);
  if (!found) return error_in(data_dir, found.error());
  note = std::move(found.value());
  return read(data_dir + "/" + path.value());
}

Result<void> StoredJournal::read(const std::string& directory) {
  if (auto opened = files.open(directory); !opened) return opened;
  auto all = journal::scan(files, note, {});
  if (!all) return all.error();
  scanned = std::move(all.value());
  return {};
}

// ---- the store

JournalStore::JournalStore(const Options& options, unsigned shard_count, Log* log)
    : options_(options.store),
      data_dir_(options.node.data_dir),
      permuted_ids_(options.node.permuted_ids),
      shard_count_(shard_count),
      files_max_(files_max(options.store, shard_count)),
      log_(log),
      directories_(data_dir_) {
  for (const AccountOptions& account : options.accounts) {
    accounts_.push_back(account.system_id);
    quoted_octets_.push_back(smpp::ReceiptStyle(account.quirks).quoted_octets());
  }
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

std::string JournalStore::file_path(unsigned shard, io::FileSlot file) const {
  return data_dir_ + "/" + journal::Epochs::path_of(note_.epoch.number) + "/" +
         journal::Epochs::file_name(shard, file);
}

Result<void> JournalStore::lock() {
  auto made = make_directories(data_dir_);
  if (!made)
    return Error{made.error().code, made.error().os_errno, "node.data_dir " + made.error().text};
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
  Nanos told = begun;
  const journal::Progress progress = [&](const char* what, double share) {
    if (monotonic() - told < progress_pause) return;
    told = monotonic();
    log(LogLevel::info, "recovery: " + std::string(what) + ", " +
                            std::to_string(static_cast<int>(share * 100)) + " %");
  };
  auto salt = random_salt();
  if (!salt) return salt.error();
  journal::TakeoverOptions options;
  options.salt = salt.value();
  options.shard_count = static_cast<std::uint16_t>(shard_count_);
  options.segment_size = options_.segment_bytes;
  options.files_max = files_max_;
  options.wall_s = time(nullptr);
  options.states_max = states_max();
  options.accounts = accounts_;
  options.quoted_octets = quoted_octets_;
  options.ids = ids_;
  options.salvage = salvage;
  EpochsOnDisk files(data_dir_, options_.segment_bytes);
  journal::Taker taker(directories_, files, options, progress);
  auto taken = taker.run();
  for (const std::string& line : taker.lines()) log(LogLevel::warning, data_dir_ + "/" + line);
  if (!taken) return in_words(taken.error());
  note_ = std::move(taken.value().note);
  recovered_ = std::move(taken.value().recovered);
  for (const auto& [name, count] : recovered_.orphans)
    log(LogLevel::warning,
        LogLine("recovery: open messages wait until their account is configured again")
            .field("system_id", name)
            .field("messages", count)
            .view());
  const auto milliseconds_taken = (monotonic() - begun) / 1'000'000;
  log(LogLevel::info, "recovered messages=" + std::to_string(recovered_.messages) +
                          " receipts=" + std::to_string(recovered_.receipts) +
                          " mo=" + std::to_string(recovered_.mos) +
                          " cut_batches=" + std::to_string(recovered_.cut) +
                          " ms=" + std::to_string(milliseconds_taken));
  return {};
}

/// With what the operator can do about it.
Error JournalStore::in_words(Error error) const {
  if (error.code != ErrorCode::invalid) return error;
  error.text = "journal: " + error.text;
  if (error.text.ends_with("may be missing"))
    error.text += ". To take over what is left: ringgate journal repair " + data_dir_;
  return error;
}

Result<void> JournalStore::open_files() {
  shards_.resize(shard_count_);
  for (unsigned shard = 0; shard < shard_count_; ++shard) {
    ShardFiles& files = shards_[shard];
    files.start = recovered_.shards[shard];
    for (io::FileSlot file = 0;; ++file) {
      const std::string path = file_path(shard, file);
      std::error_code failed;
      const bool there = fs::exists(path, failed);
      // Two empty files at least, so that the first messages need not wait for them.
      const bool needed = file <= files.start.segments.size() + 1;
      if (!there && !needed) break;
      const int fd = there ? open_synced(path) : make_file(shard, file);
      if (fd < 0) {
        give_back();
        return error_of(path, -fd);
      }
      files.fds.push_back(fd);
    }
  }
  return {};
}

void JournalStore::give_back() {
  for (unsigned shard = 0; shard < shards_.size(); ++shard) {
    ShardFiles& files = shards_[shard];
    for (std::size_t file = files.start.segments.size(); file < files.fds.size(); ++file)
      unlink(file_path(shard, static_cast<io::FileSlot>(file)).c_str());
  }
}

Result<journal::Recovered> JournalStore::look(const Options& options) {
  struct Nowhere final : journal::NewFiles {
    Result<void> write(unsigned, io::FileSlot, std::uint64_t, Octets) override { return {}; }
  } nowhere;
  StoredJournal stored;
  if (auto opened = stored.open(options.node.data_dir); !opened) return opened.error();
  if (stored.note.epoch.number == 0) return journal::Recovered{};
  journal::RecoveryOptions recovery;
  recovery.old_epoch = stored.note.epoch;
  for (const AccountOptions& account : options.accounts)
    recovery.accounts.push_back(account.system_id);
  return journal::rewrite(stored.files, stored.scanned, recovery, nowhere, {});
}

int JournalStore::make_file(unsigned shard, io::FileSlot file) const {
  const std::string path = file_path(shard, file);
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
  if (fd < 0) return -errno;
  int result = fill(fd, 0, options_.segment_bytes);
  close(fd);
  if (result == 0) {
    const auto synced =
        sync_directory(data_dir_ + "/" + journal::Epochs::path_of(note_.epoch.number));
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
