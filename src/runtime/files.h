// What everything that keeps files needs.
#pragma once

#include <string>

#include "base/result.h"

namespace ringgate::runtime {

/// `what` is the path, or the operation, that errno `number` is about.
Error error_of(const std::string& what, int number);

/// Makes the names in a directory safe.
Result<void> sync_directory(const std::string& path);

}  // namespace ringgate::runtime
