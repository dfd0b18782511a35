// The configuration file: TOML in, Options or a list of everything wrong with it out.
#pragma once

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

/// What a file says.
struct Config {
  Options options;  ///< usable only if ok()
  std::vector<ConfigError>
      errors;  ///< every fault found, in file order, those without a place last

  bool ok() const { return errors.empty(); }
};

/// Reads and parses a file, for this machine. A file that cannot be read is an error like any
/// other. Blocks; any thread.
Config load_config(const std::string& path);

/// Parses the text of a file; `file_name` appears in errors. Without a machine nothing is compared
/// with one. Pure; any thread.
Config parse_config(std::string_view text, std::string_view file_name,
                    const Machine* machine = nullptr);

/// The contents of docs/configuration.md, derived from the rows.
std::string options_markdown();

}  // namespace ringgate
