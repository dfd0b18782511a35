// The one place that puts the concrete parts together.
#pragma once

#include <string>

#include <ringgate/options.h>

namespace ringgate {

/// Runs the server on the calling thread until a signal ends it; returns the exit code of the
/// process.
int serve(const Options& options);

/// What --version prints: several lines, the last one ended too.
std::string version_text();

}  // namespace ringgate
