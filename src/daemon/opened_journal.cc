#include "daemon/opened_journal.h"

#include "runtime/directories.h"

namespace ringgate {

std::string OpenedJournal::open(const std::string& directory) {
  runtime::Directories directories(directory);
  auto found = journal::Epochs(directories).current();
  if (!found) return directory + "/" + found.error().text;
  note = std::move(found.value());
  if (note.epoch.number == 0) return directory + " holds no journal (it wants node.data_dir)";
  auto opened = files.open(directory + "/" + journal::Epochs::path_of(note.epoch.number));
  if (!opened) return opened.error().text;
  auto read = journal::scan(files, note, {});
  if (!read) return read.error().text;
  scanned = std::move(read.value());
  return {};
}

std::string_view type_name(journal::RecordType type) {
  switch (type) {
    case journal::RecordType::accepted:
      return "accepted";
    case journal::RecordType::outcome:
      return "outcome";
    case journal::RecordType::closed:
      return "closed";
    case journal::RecordType::retry:
      return "retry";
    case journal::RecordType::replaced:
      return "replaced";
    case journal::RecordType::state:
      return "state";
    case journal::RecordType::resubmit:
      return "resubmit";
    case journal::RecordType::checkpoint:
      return "checkpoint";
  }
  return "unknown";
}

}  // namespace ringgate
