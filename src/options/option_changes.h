// What is another thing in one set of Options than in another, by the names of the file.
#pragma once

#include <string>
#include <vector>

#include <ringgate/options.h>

namespace ringgate {

/// Keys, and "[[listen]]" for all of the listeners, that only a restart can change: all but those
/// of accounts and numbers.
std::vector<std::string> fixed_options_changed(const Options& before, const Options& after);

}  // namespace ringgate
