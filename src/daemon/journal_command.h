// ringgate journal verify|dump|repair DIR
#pragma once

#include <string>

namespace ringgate {

/// Each returns the exit status of the program and prints its result, or one line of complaint. DIR
/// is node.data_dir.

/// Reads everything and says what is there, and what is damaged.
int journal_verify(const std::string& directory);
/// One line of JSON per record. The text of messages is shown only on demand.
int journal_dump(const std::string& directory, bool with_text);
/// Takes over what can be read of a damaged journal, and sets the damaged files aside.
int journal_repair(const std::string& directory);

}  // namespace ringgate
