// Finding the batches of an epoch, and judging what is missing.
#include <algorithm>
#include <set>

#include "base/assert.h"
#include "base/planted.h"
#include "journal/epochs.h"
#include "journal/recovery.h"

namespace ringgate::journal {
namespace {

struct Found {
  BatchPlace place;
  std::uint64_t durable;
  std::uint64_t oldest;
};

/// Reads a file through a window of two batches, so that every batch lies in it whole.
class Window {
 public:
  Window(OldFiles& files, std::size_t file) : files_(files), file_(file), memory_(size) {}

  /// At least one batch's octets from `offset` on, unless the file ends before.
  Result<Octets> at(std::uint64_t offset) {
    if (offset < begin_ || offset + batch_size_max > begin_ + filled_) {
      if (begin_ + filled_ < files_.files()[file_].size || offset < begin_ || filled_ == 0) {
        auto got = files_.read(file_, offset, memory_);
        if (!got) return got.error();
        ASSERT(got.value() <= memory_.size());
        begin_ = offset;
        filled_ = got.value();
      }
    }
    ASSERT(offset >= begin_);
    if (offset >= begin_ + filled_) return Octets{};
    return Octets(memory_.data() + (offset - begin_), filled_ - (offset - begin_));
  }

 private:
  static constexpr std::size_t size = 2 * batch_size_max;

  OldFiles& files_;
  const std::size_t file_;
  std::vector<std::uint8_t> memory_;
  std::uint64_t begin_ = 0;
  std::uint64_t filled_ = 0;
};

/// The names in the checkpoints at the beginning of a batch.
void take_accounts(Octets records, std::map<std::uint32_t, std::string>& accounts) {
  RecordView record;
  bool broken = false;
  while (next_record(records, record, broken) && record.header.type == RecordType::checkpoint)
    for_each_account(record, [&](std::uint32_t index, std::string_view name) {
      accounts.try_emplace(index, name);
    });
}

/// A file begins with a batch, or has not been used in this epoch. What clients sent is never
/// there.
bool is_of_newer_version(Octets head, const Epoch& epoch) {
  BatchHeader header;
  if (head.size() < sizeof header) return false;
  std::memcpy(&header, head.data(), sizeof header);
  return epoch.version == 1 && header.magic == batch_magic && header.epoch == epoch.number;
}

using FoundBatches = std::map<std::uint16_t, std::vector<Found>>;

/// Every batch of the epoch in one file, wherever it lies.
Result<void> scan_file(OldFiles& files, std::size_t file, const Epoch& epoch, Scanned& out,
                       FoundBatches& found) {
  ASSERT(file < files.files().size());
  Window window(files, file);
  const std::uint64_t size = files.files()[file].size;
  for (std::uint64_t offset = 0; offset + sizeof(BatchHeader) <= size;) {
    auto octets = window.at(offset);
    if (!octets) return octets.error();
    if (offset == 0 && is_of_newer_version(octets.value(), epoch))
      return Error{ErrorCode::invalid, 0,
                   files.files()[file].name +
                       " is of an epoch whose note is gone: the file `epoch` "
                       "beside it. Put it back from a copy"};
    const auto header = read_batch(octets.value(), epoch);
    if (!header) {
      offset += block_size;
      continue;
    }
    if (!PLANTED("names in one place") || header->sequence == 1)
      take_accounts(records_of(*header, octets.value()), out.accounts);
    found[header->shard].push_back({{header->sequence, header->segment,
                                     static_cast<std::uint32_t>(file), header->size, offset},
                                    header->durable,
                                    header->oldest});
    offset += round_up(header->size, block_size);
  }
  return {};
}

/// The batches in order, each once.
void put_in_order(std::vector<Found>& found) {
  std::sort(found.begin(), found.end(), [](const Found& one, const Found& other) {
    return one.place.sequence < other.place.sequence;
  });
  const auto same = [](const Found& one, const Found& other) {
    return one.place.sequence == other.place.sequence;
  };
  found.erase(std::unique(found.begin(), found.end(), same), found.end());
}

/// Cuts off what was never acknowledged: everything behind the first gap after the last batch that
/// anybody knows as safe. Returns how many batches that were.
std::uint64_t cut_tail(std::vector<Found>& found, std::uint64_t safe) {
  std::uint64_t last = safe;
  for (const Found& one : found) last = std::max(last, one.durable);
  for (const Found& one : found)
    if (one.place.sequence == last + 1) ++last;
  const auto tail = std::find_if(found.begin(), found.end(),
                                 [last](const Found& one) { return one.place.sequence > last; });
  const auto count = static_cast<std::uint64_t>(found.end() - tail);
  found.erase(tail, found.end());
  ASSERT(found.empty() || found.back().place.sequence <= last);
  return count;
}

std::uint32_t first_file_of(const std::vector<StoredFile>& files, std::uint16_t shard) {
  const std::string name = Epochs::file_name(shard, 0);
  for (std::uint32_t i = 0; i < files.size(); ++i)
    if (files[i].name.ends_with(name)) return i;
  return 0;
}

/// Files are made at their full length. One that is used and shorter has lost its end, with
/// whatever was there.
void find_short_files(const std::vector<StoredFile>& files, std::uint64_t segment_size,
                      ShardBatches& out) {
  std::set<std::uint32_t> used;
  for (const BatchPlace& place : out.batches) used.insert(place.file);
  for (const std::uint32_t file : used) {
    ASSERT(file < files.size());
    if (files[file].size >= segment_size) continue;
    ++out.missing;  // Perhaps.
    out.damage.push_back({file, files[file].size,
                          "shard " + std::to_string(out.shard) + ": the file ends here, and was " +
                              std::to_string(segment_size) + " octets long"});
  }
}

/// `safe`: the batches up to this one were on stable storage when the epoch began.
ShardBatches judge(const std::vector<StoredFile>& files, std::uint16_t shard,
                   std::vector<Found> found, std::uint64_t safe) {
  ShardBatches out;
  out.shard = shard;
  put_in_order(found);
  out.cut = cut_tail(found, safe);
  // Only what is left says which segments count: a batch in the tail may speak of copies that did
  // not arrive.
  std::uint64_t oldest = 0;
  for (const Found& one : found) oldest = std::max(oldest, one.oldest);
  std::erase_if(found, [oldest](const Found& one) { return one.place.segment < oldest; });
  const auto complain = [&](const BatchPlace& place, std::uint64_t offset,
                            const std::string& what) {
    out.damage.push_back({place.file, offset, "shard " + std::to_string(shard) + ": " + what});
  };
  for (const Found& one : found) {
    const BatchPlace& place = one.place;
    if (out.batches.empty()) {
      // The oldest segment that counts begins at the beginning of its file.
      if (place.segment != oldest || place.offset != 0) {
        ++out.missing;  // At least: who knows how many there were.
        complain(place, 0,
                 "the beginning of segment " + std::to_string(oldest) + " is missing or damaged");
      }
    } else if (place.sequence != out.batches.back().sequence + 1) {
      // The missing batch lies behind the one before it, or at the beginning of the next segment.
      const BatchPlace& before = out.batches.back();
      ASSERT(place.sequence > before.sequence);
      const std::uint64_t behind = before.offset + round_up(before.size, block_size);
      const bool same_file = place.segment == before.segment || behind < files[before.file].size;
      out.missing += place.sequence - before.sequence - 1;
      complain(same_file ? before : place, same_file ? behind : 0,
               "batch " + std::to_string(before.sequence + 1) +
                   " is damaged, although it had been safe");
    }
    out.batches.push_back(place);
  }
  const std::uint64_t last = out.batches.empty() ? 0 : out.batches.back().sequence;
  if (last < safe) {
    out.missing += safe - last;
    complain(
        out.batches.empty() ? BatchPlace{0, 0, first_file_of(files, shard)} : out.batches.back(), 0,
        "batches " + std::to_string(last + 1) + " to " + std::to_string(safe) +
            ", with which the epoch began, are damaged");
  }
  return out;
}

}  // namespace

std::string file_of(const OldFiles& files, const Damage& damage) {
  const std::vector<StoredFile>& all = files.files();
  return damage.file < all.size() ? all[damage.file].name : "a file that is not there";
}

Result<Scanned> scan(OldFiles& files, const EpochNote& note, const Progress& progress) {
  Scanned out;
  for (const std::string& name :
       PLANTED("names in one place") ? std::vector<std::string>() : note.accounts)
    out.accounts.emplace(static_cast<std::uint32_t>(out.accounts.size()), name);
  FoundBatches found;
  for (const auto& [shard, batches] : note.batches) found[shard];
  std::uint64_t octets = 0;
  for (const StoredFile& file : files.files()) octets += file.size;
  for (std::size_t i = 0; i < files.files().size(); ++i) {
    auto scanned = scan_file(files, i, note.epoch, out, found);
    if (!scanned) return scanned.error();
    out.octets += files.files()[i].size;
    if (progress)
      progress("reading the journal",
               static_cast<double>(out.octets) / static_cast<double>(octets));
  }
  for (auto& [shard, batches] : found) {
    const auto safe = note.batches.find(shard);
    out.shards.push_back(judge(files.files(), shard, std::move(batches),
                               safe == note.batches.end() ? 0 : safe->second));
    find_short_files(files.files(), note.segment_size, out.shards.back());
  }
  ASSERT(out.shards.size() == found.size());
  return out;
}

Result<void> for_each_record(OldFiles& files, const Epoch& epoch, const ShardBatches& shard,
                             const std::function<bool(const RecordView&, const BatchPlace&)>& f) {
  std::vector<std::uint8_t> memory(batch_size_max);
  for (const BatchPlace& place : shard.batches) {
    ASSERT(place.size <= memory.size());
    auto got = files.read(place.file, place.offset, std::span(memory).first(place.size));
    if (!got) return got.error();
    ASSERT(got.value() <= place.size);
    const auto header = read_batch(Octets(memory.data(), got.value()), epoch);
    if (!header)
      return Error{ErrorCode::io, 0, files.files()[place.file].name + " changes while it is read"};
    Octets records = records_of(*header, memory);
    RecordView record;
    bool broken = false;
    while (next_record(records, record, broken))
      if (!f(record, place)) return {};
    if (broken)
      return Error{ErrorCode::invalid, 0,
                   files.files()[place.file].name + " at " + std::to_string(place.offset) +
                       ": a record of no known form"};
  }
  return {};
}

}  // namespace ringgate::journal
