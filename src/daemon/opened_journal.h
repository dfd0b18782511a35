// A data directory's journal, opened to be looked at. Nothing in it is changed.
#pragma once

#include <string>

#include "journal/epochs.h"
#include "runtime/journal_store.h"

namespace ringgate {

struct OpenedJournal {
  journal::EpochNote note;
  runtime::StoredEpoch files;
  journal::Scanned scanned;

  /// Finds and scans the epoch in use. The complaint is empty on success.
  std::string open(const std::string& directory);
};

std::string_view type_name(journal::RecordType type);

}  // namespace ringgate
