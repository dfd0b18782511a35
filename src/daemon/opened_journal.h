// A data directory's journal, as the commands open it.
#pragma once

#include <string>

#include "runtime/journal_store.h"

namespace ringgate {

struct OpenedJournal : runtime::StoredJournal {
  /// The complaint is empty on success; that there is no journal is one as well.
  std::string open(const std::string& directory);
};

std::string_view type_name(journal::RecordType type);

}  // namespace ringgate
