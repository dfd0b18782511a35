// What everything that keeps files needs.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace ringgate::runtime {

/// `what` is the path, or the operation, that errno `number` is about.
Error error_of(const std::string& what, int number);

/// Makes the names in a directory safe.
Result<void> sync_directory(const std::string& path);

/// Writes a small file as a whole, for its owner's eyes only: a crash at any point leaves what was
/// there before under that name, or this, and once it returns, this.
Result<void> write_file(const std::string& directory, const std::string& name,
                        std::string_view text);

}  // namespace ringgate::runtime
