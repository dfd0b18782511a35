#include "options/option_changes.h"

#include "options/option_rows.h"

namespace ringgate {

std::vector<std::string> fixed_options_changed(const Options& before, const Options& after) {
  std::vector<std::string> changed;
  for (const OptionRow& row : option_rows) {
    const std::string_view top = row.section.substr(0, row.section.find('.'));
    // The files of accounts are looked for where they are said to be now.
    if (section_row(top)->array || top == "accounts") continue;
    if (row.member.get(before) == row.member.get(after)) continue;
    changed.push_back(std::string(row.section) + "." + std::string(row.key));
  }
  if (before.listen != after.listen) changed.emplace_back("[[listen]]");
  return changed;
}

}  // namespace ringgate
