// What is wrong with Options, whether a file or a program has filled them in.
//
// The rows say what each value may be (value_fault.h); what values have to do with each other, and
// with the machine, is said here, once for both.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <ringgate/options.h>

#include "options/machine.h"

namespace ringgate {

/// The names of accounts may take one part in so many of each file of the journal, which begins
/// with them.
inline constexpr std::uint64_t journal_names_part = 4;
inline std::uint64_t journal_names_max(const StoreOptions& store) {
  return store.segment_bytes / journal_names_part;
}
/// What one of them takes.
inline std::uint64_t journal_name_size(std::string_view system_id) { return 1 + system_id.size(); }

/// A section, one element of it if it is an array, and a key; without a key the whole element.
/// `section` and `key` are those of rows.
struct OptionPlace {
  std::string_view section;
  std::size_t element = 0;
  std::string_view key;
  friend auto operator<=>(const OptionPlace&, const OptionPlace&) = default;
};

struct OptionFault {
  OptionPlace place;
  std::string message;  ///< one line, whole; never a password
};

/// How its author calls the parts of Options: by lines of a file, or by the index in a vector.
class OptionNames {
 public:
  virtual ~OptionNames() = default;
  /// "[[account]]"
  virtual std::string section(std::string_view section) const = 0;
  /// "account", or "account[1]": what a message begins with
  virtual std::string element(std::string_view section, std::size_t element) const = 0;
  /// "the account in line 7", or "account[0]": what a message names besides
  virtual std::string other(std::string_view section, std::size_t element) const = 0;
};

/// Every fault between values that are good by themselves. Those in `refused` are not: they have
/// been complained of, and what hangs on them would only mislead. Without a machine nothing is
/// compared with one.
std::vector<OptionFault> relation_faults(const Options& options,
                                         const std::set<OptionPlace>& refused,
                                         const OptionNames& names, const Machine* machine);

/// Every fault of Options that a program has filled in, in the words of the configuration file with
/// the index of vectors' elements. Empty if they are good.
std::vector<OptionFault> option_faults(const Options& options, const Machine& machine);

/// The same as one line for each that this machine would refuse, of many the first. Any thread.
std::string faults_text(const Options& options);
/// Likewise, of a listener alone.
std::string faults_text(const ListenOptions& listener);

}  // namespace ringgate
