// The configuration file: TOML in, Options or a list of everything wrong with it out.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <ringgate/options.h>

#include "options/machine.h"

namespace ringgate {

/// One fault in the file, in words for the person who wrote it. Never contains a password.
struct ConfigError {
  std::string file;
  unsigned line = 0;    ///< from 1; 0 if the fault has no place, such as a missing [[account]]
  unsigned column = 0;  ///< from 1; 0 likewise
  std::string message;

  /// "file:line: message" in one line, or "file: message" where there is no line.
  std::string text() const;
};

/// What a file says, and those of accounts.dir.
struct Config {
  Options options;  ///< usable only if ok()
  std::vector<ConfigError>
      errors;  ///< every fault found, in file order, those without a place last
  /// Of each account, the file that it stands in.
  std::vector<std::string> account_files;

  bool ok() const { return errors.empty(); }
};

/// A file of accounts.dir.
struct AccountFile {
  std::string name;  ///< as it appears in errors
  std::string text;
  std::string failure;                    ///< why it could not be read; empty: it was
  std::optional<AccountOptions> instead;  ///< what it says; the text is not looked at
};

/// The files of a directory, or an empty list and why there is none.
using ReadAccountFiles =
    std::function<std::vector<AccountFile>(const std::string& dir, std::string& failure)>;

/// Reads and parses a file and those of accounts.dir, for this machine. A file that cannot be read
/// is an error like any other. Blocks; any thread.
Config load_config(const std::string& path);

/// The same for a server that runs with `running`: a file of accounts.dir that is broken leaves its
/// account as it is, or as not being there; its errors go to `broken` instead of making all of it
/// unusable.
Config reload_config(const std::string& path, const Config& running,
                     std::vector<ConfigError>& broken);

/// Parses the text of a file; `file_name` appears in errors. Without a machine nothing is compared
/// with one, and without `read` there are no files of accounts. Pure but for `read`; any thread.
Config parse_config(std::string_view text, std::string_view file_name,
                    const Machine* machine = nullptr, const ReadAccountFiles& read = {});

/// The contents of docs/configuration.md, derived from the rows.
std::string options_markdown();

}  // namespace ringgate
