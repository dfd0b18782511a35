// ringgate journal verify|dump|repair DIR
#pragma once

#include <string>

namespace ringgate {

/// Each returns the exit status of the program and prints its result, or one line of complaint. DIR
/// is node.data_dir.

/// Reads everything and says what is there, and what is damaged.
int journal_verify(const std::string& directory);
/// Which records are printed: of all that is named, each must fit.
struct DumpFilter {
  std::string id;       ///< in any form in which a client saw it
  std::string account;  ///< system_id
  std::string address;  ///< source or destination, exactly
  bool with_text = false;

  bool is_empty() const { return id.empty() && account.empty() && address.empty(); }
};
/// One line of JSON per record.
int journal_dump(const std::string& directory, const DumpFilter& filter);
/// Takes over what can be read of a damaged journal, lists what was kept and what was lost, and
/// sets the damaged files aside. Status 4: something was lost.
int journal_repair(const std::string& directory);

}  // namespace ringgate
