#include "daemon/journal_command.h"

#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <map>
#include <optional>

#include "daemon/opened_journal.h"
#include "runtime/id_key.h"

namespace ringgate {
namespace {

using journal::RecordType;
using runtime::JournalStore;

constexpr int exit_damaged = 1;
constexpr int exit_unreadable = 1;
constexpr int exit_lost = 4;

int complain(const std::string& what) {
  std::fprintf(stderr, "ringgate: %s\n", what.c_str());
  return exit_unreadable;
}

std::string shard_name(std::uint16_t shard) {
  return shard == journal::left_shard ? "of accounts that are not configured"
                                      : "shard " + std::to_string(shard);
}

void print_damage(const OpenedJournal& journal, const journal::ShardBatches& shard) {
  for (const journal::Damage& damage : shard.damage)
    std::printf("damaged: %s at offset %" PRIu64 ": %s\n",
                journal::file_of(journal.files, damage).c_str(), damage.offset,
                damage.what.c_str());
}

std::uint64_t missing_batches(const runtime::StoredJournal& journal) {
  std::uint64_t out = 0;
  for (const journal::ShardBatches& shard : journal.scanned.shards) out += shard.missing;
  return out;
}

/// Journals of version 1 have no note.
void print_note_damage(const std::string& directory, const journal::EpochNote& note) {
  if (note.epoch.version == 1) return;
  runtime::Directories directories(directory);
  const auto whole = journal::Epochs(directories).is_note_whole(note.epoch.number);
  if (!whole || whole.value()) return;
  std::printf("warning: %s/%s: one of its two copies is damaged; the next start writes both anew\n",
              directory.c_str(), journal::Epochs::note_path_of(note.epoch.number).c_str());
}

/// True where it will do for a start.
bool print_key(const std::string& directory) {
  const auto key = runtime::find_id_key(directory);
  if (!key) std::printf("%s\n", key.error().text.c_str());
  if (key && !key.value())
    std::printf("%s/id.key is not there: right with node.permuted_ids = false only\n",
                directory.c_str());
  return static_cast<bool>(key);
}

/// As its note tells; without one the longest file tells, for those that lost their ends are
/// shorter. What no server can have written is not believed.
std::uint64_t segment_size_of(const OpenedJournal& journal) {
  std::uint64_t size = journal.note.segment_size;
  if (size == 0)
    for (const journal::StoredFile& file : journal.files.files()) size = std::max(size, file.size);
  const bool is_sound = size >= journal::batch_size_max && size % journal::block_size == 0;
  return is_sound ? size : StoreOptions().segment_bytes;
}

/// What is enough to read that journal. The configuration is not known here: whatever it may ask
/// for is kept, and the server's next start leaves out what it does not need.
Options options_of(const std::string& directory, const OpenedJournal& journal) {
  constexpr unsigned states_max = 16'777'216;
  Options options;
  options.node.data_dir = directory;
  options.store.segment_bytes = segment_size_of(journal);
  options.store.max_states = states_max;
  for (const auto& [index, name] : journal.scanned.accounts) {
    AccountOptions& account = options.accounts.emplace_back();
    account.system_id = name;
    account.quirks.receipt_template = "{text:160}";
  }
  return options;
}

void print_kept(const journal::Recovered& kept) {
  std::printf("kept: %" PRIu64 " open messages taken over, %" PRIu64
              " of them with a receipt to deliver, %" PRIu64 " states\n",
              kept.messages, kept.receipts, kept.states);
  for (const auto& [name, count] : kept.orphans)
    std::printf("kept: %" PRIu64 " open messages of an account whose name cannot be read%s\n",
                count, name.c_str());
}

/// Returns the status. `path` is where the damaged files are.
int print_lost(std::uint64_t missing, const std::string& path) {
  std::printf("lost: at least %" PRIu64
              " batches that had been safe; the damaged files are in %s/\n",
              missing, path.c_str());
  return missing == 0 ? 0 : exit_lost;
}

/// The damaged files tell what an earlier repair could not take over. Returns the status.
int print_lost_earlier(const std::string& directory, const journal::EpochNote& successor) {
  runtime::StoredJournal damaged;
  if (const auto opened = damaged.open_set_aside(directory, successor); !opened)
    return complain(opened.error().text);
  if (damaged.note.epoch.number != 0)
    return print_lost(missing_batches(damaged), damaged.files.directory());
  std::printf("lost: not known, for the damaged files are no longer in %s/set-aside/\n",
              directory.c_str());
  return 0;
}

/// Nothing is damaged, which may be the work of an earlier repair: finishes it and says what it
/// did.
int repair_was_done(const std::string& directory, const OpenedJournal& journal) {
  const journal::EpochNote& note = journal.note;
  if (note.previous == 0 || note.fate != journal::Fate::set_aside) {
    std::printf("%s: nothing to repair\n", directory.c_str());
    return 0;
  }
  runtime::Directories directories(directory);
  journal::Epochs epochs(directories);
  const auto interrupted = epochs.has_previous(note);
  if (!interrupted) return complain(interrupted.error().text);
  if (const auto finished = epochs.give_up_previous(note); !finished)
    return complain(finished.error().text);
  const auto kept = JournalStore::look(options_of(directory, journal));
  if (!kept) return complain(kept.error().text);
  std::printf("%s: nothing to repair: an earlier repair made epoch %" PRIu64 " of epoch %" PRIu64
              "%s\n",
              directory.c_str(), note.epoch.number, note.previous,
              interrupted.value() ? ", and was interrupted; now it is finished" : "");
  print_kept(kept.value());
  return print_lost_earlier(directory, note);
}

}  // namespace

int journal_verify(const std::string& directory) {
  OpenedJournal journal;
  if (const std::string complaint = journal.open(directory); !complaint.empty())
    return complain(complaint);
  std::printf("%s: epoch %" PRIu64 ", version %u, %zu files\n", directory.c_str(),
              journal.note.epoch.number, journal.note.epoch.version, journal.files.files().size());
  for (const journal::ShardBatches& shard : journal.scanned.shards) {
    if (shard.shard == journal::left_shard && shard.batches.empty() && shard.damage.empty())
      continue;
    std::map<RecordType, std::uint64_t> records;
    auto read = journal::for_each_record(journal.files, journal.note.epoch, shard,
                                         [&](const journal::RecordView& record, const auto&) {
                                           ++records[record.header.type];
                                           return true;
                                         });
    if (!read) return complain(read.error().text);
    std::printf("%s: %zu batches", shard_name(shard.shard).c_str(), shard.batches.size());
    for (const auto& [type, count] : records)
      std::printf(", %" PRIu64 " %s", count, std::string(type_name(type)).c_str());
    if (shard.cut != 0)
      std::printf("; %" PRIu64 " batches behind a torn one, never acknowledged", shard.cut);
    std::printf("\n");
    print_damage(journal, shard);
  }
  print_note_damage(directory, journal.note);
  const bool key_will_do = print_key(directory);
  if (journal.scanned.first_damage() == nullptr) {
    if (key_will_do) std::printf("ok\n");
    return key_will_do ? 0 : exit_damaged;
  }
  std::printf("to take over what is left: ringgate journal repair %s\n", directory.c_str());
  return exit_damaged;
}

int journal_repair(const std::string& directory) {
  // Without a journal there is nothing to lock, and this says so.
  if (const std::string complaint = OpenedJournal().open(directory); !complaint.empty())
    return complain(complaint);
  auto lock = runtime::DataLock::take(directory);
  if (!lock) return complain(lock.error().text);
  // With a key that is none nothing could be taken over, and nobody start.
  if (const auto key = runtime::find_id_key(directory); !key) return complain(key.error().text);
  std::optional<OpenedJournal> journal(std::in_place);
  if (const std::string complaint = journal->open(directory); !complaint.empty())
    return complain(complaint);
  print_note_damage(directory, journal->note);
  if (journal->scanned.first_damage() == nullptr) return repair_was_done(directory, *journal);

  for (const journal::ShardBatches& shard : journal->scanned.shards) print_damage(*journal, shard);
  const Options options = options_of(directory, *journal);
  journal::EpochNote successor;
  successor.previous = journal->note.epoch.number;
  successor.fate = journal::Fate::set_aside;
  const std::uint64_t missing = missing_batches(*journal);
  journal.reset();
  JournalStore store(options, 1, nullptr);
  if (auto opened = store.salvage(std::move(lock).value()); !opened)
    return complain(opened.error().text);
  print_kept(store.recovered());
  runtime::Directories directories(directory);
  const auto path = journal::Epochs(directories).find_set_aside(successor);
  return print_lost(missing, directory + "/" + (path ? path.value() : "set-aside"));
}

}  // namespace ringgate
