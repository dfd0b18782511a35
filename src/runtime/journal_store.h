// The journal's files and directories:
//
//   DATA_DIR/, DATA_DIR/lock          locked by the process that uses the directory
//   DATA_DIR/id.key                   permutes message ids (id_key.h)
//   DATA_DIR/journal/, set-aside/     the epochs (journal/epochs.h)
//
// Everything here waits for the disk: it runs before the shards do, or on the filler's thread.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <ringgate/log.h>
#include <ringgate/options.h>

#include "journal/takeover.h"
#include "runtime/data_lock.h"
#include "runtime/directories.h"

namespace ringgate::runtime {

/// Reads the epoch in use without changing anything: for `ringgate journal verify` and `dump`.
class StoredEpoch final : public journal::OldFiles {
 public:
  StoredEpoch() = default;
  ~StoredEpoch();
  StoredEpoch(const StoredEpoch&) = delete;
  StoredEpoch& operator=(const StoredEpoch&) = delete;

  /// `directory` holds the files of one epoch.
  Result<void> open(const std::string& directory);

  const std::vector<journal::StoredFile>& files() const override { return files_; }
  Result<std::size_t> read(std::size_t file, std::uint64_t offset,
                           std::span<std::uint8_t> to) override;
  const std::string& directory() const { return directory_; }

 private:
  std::string directory_;
  std::vector<journal::StoredFile> files_;
  std::vector<int> fds_;
};

/// A data directory's journal, opened to be looked at. Nothing in it is changed.
struct StoredJournal {
  journal::EpochNote note;  ///< its number is 0 where there is none
  StoredEpoch files;
  journal::Scanned scanned;

  /// Finds the epoch in use and reads all of it.
  Result<void> open(const std::string& data_dir);
  /// The same with the one that a repair has set aside for the epoch that `successor` is of. Number
  /// 0: there is none any more.
  Result<void> open_set_aside(const std::string& data_dir, const journal::EpochNote& successor);

 private:
  Result<void> read(const std::string& directory);
};

/// One shard's part of an opened store.
struct ShardFiles {
  journal::ShardStart start;
  std::vector<int> fds;  ///< by file slot
};

/// The data directory of one process.
class JournalStore {
 public:
  JournalStore(const Options& options, unsigned shard_count, Log* log);
  ~JournalStore();
  JournalStore(const JournalStore&) = delete;
  JournalStore& operator=(const JournalStore&) = delete;

  /// Locks the directory, takes over what an earlier run has left, and opens the files. When it
  /// fails, what lies in the directory is what lay there before.
  Result<void> open();
  /// For a server that does not start after all: what was preallocated goes, what was taken over
  /// stays.
  void give_back();
  /// The same, but goes on over damage and sets the damaged epoch aside. The lock is of this
  /// directory, and was taken before anybody looked for damage: a running server's files may look
  /// damaged.
  Result<void> salvage(DataLock lock);

  const journal::Epoch& epoch() const { return note_.epoch; }
  std::uint32_t files_max() const { return files_max_; }
  /// Files that each shard may have.
  static std::uint32_t files_max(const StoreOptions& options, unsigned shard_count);
  /// Ended messages that a shard remembers: as configured, or as a sixteenth of its space holds.
  std::uint32_t states_max() const;
  ShardFiles& shard(unsigned index) { return shards_[index]; }
  const journal::Recovered& recovered() const { return recovered_; }
  /// Of an opened store: with the key that lies in it, unless ids are not to be permuted.
  const MessageIdCodec& ids() const { return ids_; }

  /// A file with its space written, opened for synced writes; or a negative errno. Any thread.
  int make_file(unsigned shard, io::FileSlot file) const;

  /// What would be taken over from that data directory. Changes nothing.
  static Result<journal::Recovered> look(const Options& options);

 private:
  Result<void> lock();
  Result<void> open_locked(bool salvage);
  Result<void> recover(bool salvage);
  Error in_words(Error error) const;
  Result<void> open_files();
  std::string file_path(unsigned shard, io::FileSlot file) const;
  void log(LogLevel level, std::string_view line) const;

  const StoreOptions options_;
  const std::string data_dir_;
  const bool permuted_ids_;
  const unsigned shard_count_;
  const std::uint32_t files_max_;
  Log* const log_;
  std::vector<std::string> accounts_;
  std::vector<std::size_t> quoted_octets_;  // per account
  Directories directories_;
  DataLock lock_;
  journal::EpochNote note_;
  MessageIdCodec ids_;
  journal::Recovered recovered_;
  std::vector<ShardFiles> shards_;
};

/// Makes files ahead of need, on a thread of its own.
class Filler {
 public:
  explicit Filler(const JournalStore& store) : store_(store) {}
  ~Filler();

  /// `done(fd or negative errno)` is called on the filler's thread.
  void make(unsigned shard, io::FileSlot file, std::function<void(int)> done);

 private:
  struct Order {
    unsigned shard;
    io::FileSlot file;
    std::function<void(int)> done;
  };
  void run();

  const JournalStore& store_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Order> orders_;
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace ringgate::runtime
