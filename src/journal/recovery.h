// After a start: what is on disk becomes what is still owed.
//
// Everything that is still needed is written anew, for the shards that there are now, into the
// segments of a new epoch; when all of it is safe the new epoch takes the place of the old one by a
// rename (epochs.h). So the number of shards may change, an interrupted recovery leaves the old
// epoch untouched, and the journal starts compact.
//
// Open messages of accounts that are not configured any more are no shard's: they are written as
// those of `left_shard`, from epoch to epoch, and come back when their account does.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "journal/journal.h"
#include "message/id_codec.h"

namespace ringgate::journal {

struct StoredFile {
  std::string name;
  std::uint64_t size = 0;
};

/// The files of the old epoch. Reading waits for the disk.
class OldFiles {
 public:
  virtual const std::vector<StoredFile>& files() const = 0;
  /// At most to.size() octets; fewer only at the end of the file.
  virtual Result<std::size_t> read(std::size_t file, std::uint64_t offset,
                                   std::span<std::uint8_t> to) = 0;

 protected:
  ~OldFiles() = default;
};

/// The files of the new one; waits too. What is written here need not be safe before the end.
class NewFiles {
 public:
  virtual Result<void> write(unsigned shard, io::FileSlot file, std::uint64_t offset,
                             Octets octets) = 0;

 protected:
  ~NewFiles() = default;
};

/// A place where the disk has lost what it had promised to keep.
struct Damage {
  std::size_t file = 0;
  std::uint64_t offset = 0;
  std::string what;
};

/// The file that it is in, for people; of an epoch that has lost all of them there is none.
std::string file_of(const OldFiles& files, const Damage& damage);

/// Where a batch lies.
struct BatchPlace {
  std::uint64_t sequence = 0;
  std::uint64_t segment = 0;
  std::uint32_t file = 0;
  std::uint32_t size = 0;
  std::uint64_t offset = 0;
};

/// One old shard: its batches in order, from the oldest segment that counts to the last that is
/// whole.
struct ShardBatches {
  std::uint16_t shard = 0;
  std::vector<BatchPlace> batches;
  std::uint64_t cut = 0;      ///< batches behind a torn one, never acknowledged
  std::uint64_t missing = 0;  ///< batches that had been safe and are not there any more
  std::vector<Damage> damage;
};

struct Scanned {
  std::vector<ShardBatches> shards;
  /// The accounts as the records number them, from the note and from every checkpoint: one that is
  /// damaged takes no other's place.
  std::map<std::uint32_t, std::string> accounts;
  std::uint64_t octets = 0;
  /// Damage of any shard; with it, recovery goes on only to salvage.
  const Damage* first_damage() const {
    for (const ShardBatches& shard : shards)
      if (!shard.damage.empty()) return &shard.damage.front();
    return nullptr;
  }
};

/// `share` of the work done, 0 to 1.
using Progress = std::function<void(const char* what, double share)>;

/// Finds every batch of that epoch. Fails only where a file cannot be read, or holds what another
/// version has written.
Result<Scanned> scan(OldFiles& files, const EpochNote& note, const Progress& progress);

/// Calls f(record) for each record of a shard, in the order in which they were written. `f` returns
/// false to stop.
Result<void> for_each_record(OldFiles& files, const Epoch& epoch, const ShardBatches& shard,
                             const std::function<bool(const RecordView&, const BatchPlace&)>& f);

/// What closed messages ended with, and what a repetition is recognised by.
struct KeptState {
  std::uint64_t id = 0;
  StateBody body{};
  std::uint8_t state = 0;
};
struct KeptResubmit {
  std::uint64_t id = 0;
  ResubmitBody body{};
};

struct RecoveryOptions {
  Epoch old_epoch;
  Epoch epoch{1};  ///< the new one
  std::uint16_t shard_count = 1;
  std::uint64_t segment_size = 32u << 20;
  std::int64_t wall_s = 0;
  std::uint64_t next_sequence = 0;    ///< as the old epoch's note says
  std::size_t states_max = 65'536;    ///< per old shard, and of keys as many
  std::vector<std::string> accounts;  ///< the system_ids there are now, in the directory's order
  /// In the same order, octets of a text that receipts need; an account without an entry needs no
  /// more than a record holds.
  std::vector<std::size_t> quoted_octets;
  MessageIdCodec ids;  ///< with the key of the runs before
};

/// One new shard: what it begins with.
struct ShardStart {
  std::vector<WrittenSegment> segments;
  std::uint64_t batches = 0;
  std::uint32_t messages = 0;       ///< in the records, with slots 0 to messages - 1
  std::uint64_t next_sequence = 0;  ///< of message ids; 0 = nothing known
};

struct Recovered {
  std::vector<ShardStart> shards;
  ShardStart left;             ///< of `left_shard`: nobody's, for now
  std::uint64_t messages = 0;  ///< open ones, MOs among them
  std::uint64_t receipts = 0;  ///< of these, the outcome is known
  std::uint64_t mos = 0;
  std::uint64_t states = 0;
  std::uint64_t cut = 0;
  /// Open messages of accounts that there are no longer, by system_id.
  std::map<std::string, std::uint64_t> orphans;
  /// What the records of the new epoch number: those configured, then those of orphans.
  std::vector<std::string> accounts;
};

/// Writes what is needed of `scanned` into new segments.
Result<Recovered> rewrite(OldFiles& old_files, const Scanned& scanned,
                          const RecoveryOptions& options, NewFiles& new_files,
                          const Progress& progress);

}  // namespace ringgate::journal
