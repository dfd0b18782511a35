// The one place that puts the concrete parts together.
#pragma once

#include <string>

#include "config/config.h"

namespace ringgate {

/// Runs the server that the file at `path` describes on the calling thread until a signal ends it,
/// and reads the file again at SIGHUP; returns the exit code of the process.
int serve(const std::string& path);
/// Every mistake, on stderr.
void print_errors(const Config& config);
/// Asks the server that has this configuration to read it again; the same.
int ask_to_reload(const Config& config);

/// What --version prints: several lines, the last one ended too.
std::string version_text();

}  // namespace ringgate
