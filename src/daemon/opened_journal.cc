#include "daemon/opened_journal.h"

namespace ringgate {

std::string OpenedJournal::open(const std::string& directory) {
  const auto opened = StoredJournal::open(directory);
  if (!opened) return opened.error().text;
  if (note.epoch.number == 0) return directory + " holds no journal (it wants node.data_dir)";
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
