// What a start does with a data directory: whatever an earlier run has left becomes a new epoch.
#pragma once

#include "journal/epochs.h"
#include "journal/recovery.h"

namespace ringgate::journal {

/// The files of batches, by the paths of their directories below the data directory. Everything
/// here waits.
class EpochFiles {
 public:
  /// Those of the epoch in use, in the order of their names.
  virtual Result<OldFiles*> open_old(const std::string& directory) = 0;
  virtual NewFiles& open_new(const std::string& directory) = 0;
  /// What was written to the new ones is on stable storage afterwards, and they have their full
  /// length.
  virtual Result<void> finish_new() = 0;

 protected:
  ~EpochFiles() = default;
};

struct TakeoverOptions {
  std::uint64_t salt = 0;  ///< of the new epoch: random
  std::uint16_t shard_count = 1;
  std::uint64_t segment_size = 32u << 20;
  std::uint32_t files_max = 64;  ///< of a shard
  std::int64_t wall_s = 0;
  std::size_t states_max = 65'536;
  std::vector<std::string> accounts;
  std::vector<std::size_t> quoted_octets;  ///< as RecoveryOptions have them
  MessageIdCodec ids;
  bool salvage = false;  ///< go on over damage, and set the damaged epoch aside
};

/// The epoch that is in use now.
struct Takeover {
  EpochNote note;
  Recovered recovered;
};

/// One data directory, which nobody else changes meanwhile.
class Taker {
 public:
  Taker(io::Directories& directories, EpochFiles& files, const TakeoverOptions& options,
        const Progress& progress)
      : directories_(directories),
        epochs_(directories),
        files_(files),
        options_(options),
        progress_(progress) {}

  /// When it fails, or the machine ends meanwhile, what the directory holds is as good as before.
  Result<Takeover> run();

  /// What was found that needs a person: one line each.
  const std::vector<std::string>& lines() const { return lines_; }

 private:
  Result<void> write_new(OldFiles& old, const Scanned& scanned, Takeover& out);
  Result<void> adopt_files(const OldFiles& old, const Takeover& taken);

  io::Directories& directories_;
  Epochs epochs_;
  EpochFiles& files_;
  const TakeoverOptions& options_;
  const Progress& progress_;
  EpochNote before_;
  std::vector<std::string> lines_;
};

}  // namespace ringgate::journal
