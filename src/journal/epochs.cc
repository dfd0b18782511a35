#include "journal/epochs.h"

#include <algorithm>
#include <cstdio>

#include "base/assert.h"
#include "base/planted.h"
#include "base/rarely.h"

namespace ringgate::journal {
namespace {

constexpr std::string_view digits = "0123456789";
constexpr std::string_view unfinished = ".new";
const std::string journal_path = "journal";
const std::string set_aside_path = "set-aside";
const std::string note_name = "epoch";

std::string name_of(std::uint64_t number) {
  char text[32];
  const int size =
      std::snprintf(text, sizeof text, "%08llu", static_cast<unsigned long long>(number));
  ASSERT(size >= 8 && static_cast<std::size_t>(size) < sizeof text);
  return text;
}

/// 0 where that is no epoch's name.
std::uint64_t number_of(std::string_view name) {
  constexpr std::size_t digits_max = 19;
  if (name.empty() || name.size() > digits_max || name.find_first_not_of(digits) != name.npos)
    return 0;
  return std::stoull(std::string(name));
}

/// Whether the server makes files of that name in its epochs.
bool is_ours(const io::Directories::Entry& entry) {
  return !entry.is_directory && (entry.name == note_name || Epochs::is_segment(entry.name));
}

bool has(const std::vector<io::Directories::Entry>& entries, std::string_view name) {
  return std::any_of(entries.begin(), entries.end(),
                     [&](const io::Directories::Entry& entry) { return entry.name == name; });
}

/// What an epoch is called that was set aside when there were `earlier` of its number.
std::string set_aside_name(std::uint64_t number, unsigned earlier) {
  return earlier == 0 ? name_of(number) : name_of(number) + "-" + std::to_string(earlier + 1);
}

/// How many of that number there are.
unsigned count_of(const std::vector<io::Directories::Entry>& set_aside, std::uint64_t number) {
  unsigned count = 0;
  while (has(set_aside, set_aside_name(number, count))) ++count;
  return count;
}

}  // namespace

std::string Epochs::path_of(std::uint64_t number) { return journal_path + "/" + name_of(number); }

std::string Epochs::note_path_of(std::uint64_t number) { return path_of(number) + "/" + note_name; }

std::string Epochs::file_name(unsigned shard, std::uint32_t file) {
  char name[32];
  const int size = shard == left_shard ? std::snprintf(name, sizeof name, "left-%04u", file)
                                       : std::snprintf(name, sizeof name, "%02u-%04u", shard, file);
  ASSERT(size > 0 && static_cast<std::size_t>(size) < sizeof name);
  ASSERT(is_segment(name));
  return name;
}

bool Epochs::is_segment(std::string_view name) {
  const std::size_t dash = name.find('-');
  if (dash == name.npos || dash < 2 || name.size() - dash < 5) return false;
  const std::string_view shard = name.substr(0, dash), file = name.substr(dash + 1);
  return file.find_first_not_of(digits) == file.npos &&
         (shard == "left" || shard.find_first_not_of(digits) == shard.npos);
}

Result<EpochNote> Epochs::current() {
  auto entries = directories_.list(journal_path);
  if (!entries) return entries.error();
  EpochNote out;
  for (const io::Directories::Entry& entry : entries.value()) {
    const std::uint64_t number = entry.is_directory ? number_of(entry.name) : 0;
    if (number <= out.epoch.number) continue;
    auto files = directories_.list(path_of(number));
    if (!files) return files.error();
    if (std::none_of(files.value().begin(), files.value().end(), is_ours)) continue;
    out.epoch.number = number;
  }
  if (out.epoch.number == 0) return out;
  return note_of(path_of(out.epoch.number), out.epoch.number);
}

Result<bool> Epochs::is_note_whole(std::uint64_t number) {
  auto octets = directories_.read_file(note_path_of(number));
  if (!octets) return octets.error();
  return is_whole_note(octets.value());
}

Result<void> Epochs::settle(const EpochNote& current, std::vector<std::string>& lines) {
  auto entries = directories_.list(journal_path);
  if (!entries) return entries.error();
  for (const io::Directories::Entry& entry : entries.value()) {
    const std::string path = journal_path + "/" + entry.name;
    const std::string_view name = entry.name;
    if (!entry.is_directory) {
      lines.push_back(path + " is not ours and stays");
    } else if (name.ends_with(unfinished) &&
               number_of(name.substr(0, name.size() - unfinished.size())) != 0) {
      auto removed = remove_epoch(path);
      if (!removed) return removed;
    } else if (const std::uint64_t number = number_of(name);
               number != 0 && number < current.epoch.number && number != current.previous) {
      auto files = directories_.list(path);
      if (!files) return files.error();
      if (std::none_of(files.value().begin(), files.value().end(), is_ours)) continue;
      // Of a version that left no note, or put there by hand.
      auto done = set_aside(number);
      if (!done) return done;
      lines.push_back(path + " is not in use and no note says why; it is in " + set_aside_path +
                      "/ now");
    } else if (number == 0) {
      lines.push_back(path + " is not ours and stays");
    }
  }
  return give_up_previous(current);
}

Result<std::uint64_t> Epochs::begin(std::uint64_t after) {
  auto made = directories_.make(journal_path);
  if (!made) return made.error();
  if (auto synced = directories_.sync(""); !synced) return synced.error();
  auto entries = directories_.list(journal_path);
  if (!entries) return entries.error();
  std::uint64_t number = after + 1;
  while (has(entries.value(), name_of(number)) || RARELY("an epoch's number is passed over"))
    ++number;
  ASSERT(number > after);
  made = directories_.make(unfinished_path_of(number));
  if (!made) return made.error();
  return number;
}

std::string Epochs::unfinished_path_of(std::uint64_t number) {
  ASSERT(number != 0);
  return path_of(number) + std::string(unfinished);
}

Result<void> Epochs::take_into_use(const EpochNote& note) {
  ASSERT(note.epoch.number > note.previous);
  ASSERT(note.epoch.magic() == batch_magic);
  const std::string path = path_of(note.epoch.number);
  const std::string from = unfinished_path_of(note.epoch.number);
  auto done = directories_.write_file(from + "/" + note_name, write_note(note));
  // The names in it are safe before it has its own.
  if (done && !PLANTED("no order of names")) done = directories_.sync(from);
  if (done) done = directories_.rename(from, path);
  if (done) done = directories_.sync(journal_path);
  return done;
}

Result<void> Epochs::drop_unfinished(std::uint64_t number) {
  return remove_epoch(unfinished_path_of(number));
}

Result<bool> Epochs::has_previous(const EpochNote& note) {
  if (note.previous == 0) return false;
  auto entries = directories_.list(journal_path);
  if (!entries) return entries.error();
  return has(entries.value(), name_of(note.previous));
}

Result<void> Epochs::give_up_previous(const EpochNote& note) {
  const auto found = has_previous(note);
  if (!found) return found.error();
  if (!found.value()) return {};
  return note.fate == Fate::set_aside ? set_aside(note.previous)
                                      : remove_epoch(path_of(note.previous));
}

Result<std::string> Epochs::find_set_aside(const EpochNote& note) {
  if (note.previous == 0 || note.fate != Fate::set_aside) return std::string();
  auto entries = directories_.list(set_aside_path);
  if (!entries) return entries.error();
  const unsigned count = count_of(entries.value(), note.previous);
  if (count == 0) return std::string();
  return set_aside_path + "/" + set_aside_name(note.previous, count - 1);
}

Result<EpochNote> Epochs::note_of(const std::string& path, std::uint64_t number) {
  auto files = directories_.list(path);
  if (!files) return files.error();
  if (!has(files.value(), note_name)) {
    EpochNote out;
    out.epoch = {number, 0, 1};
    return out;
  }
  auto octets = directories_.read_file(path + "/" + note_name);
  if (!octets) return octets.error();
  auto note = read_note(octets.value());
  if (!note || note->epoch.number != number)
    return Error{ErrorCode::invalid, 0,
                 path + "/" + note_name +
                     " is damaged, and without it nothing in the journal can be told from what "
                     "clients sent. Put it back from a copy"};
  return std::move(*note);
}

/// What is not ours in it stays, and so does it then.
Result<void> Epochs::remove_epoch(const std::string& path) {
  ASSERT(path.starts_with(journal_path + "/") && path.size() > journal_path.size() + 1);
  auto entries = directories_.list(path);
  if (!entries) return entries.error();
  for (const io::Directories::Entry& entry : entries.value()) {
    if (!is_ours(entry)) continue;
    auto removed = directories_.remove_file(path + "/" + entry.name);
    if (!removed) return removed;
  }
  auto removed = directories_.remove_directory(path);
  if (!removed) return removed.error();
  return directories_.sync(journal_path);
}

Result<void> Epochs::set_aside(std::uint64_t number) {
  ASSERT(number != 0);
  auto done = directories_.make(set_aside_path);
  if (done) done = directories_.sync("");
  if (!done) return done;
  auto entries = directories_.list(set_aside_path);
  if (!entries) return entries.error();
  const std::string name = set_aside_name(number, count_of(entries.value(), number));
  done = directories_.rename(path_of(number), set_aside_path + "/" + name);
  if (done) done = directories_.sync(set_aside_path);
  if (done) done = directories_.sync(journal_path);
  return done;
}

}  // namespace ringgate::journal
