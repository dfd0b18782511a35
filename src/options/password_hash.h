// Hashes of passwords as they stand in a configuration.
#pragma once

#include <string>

namespace ringgate {

/// What is wrong with a hash, in words that follow the name of its key; empty if crypt() can
/// compare passwords with it. Never repeats the hash. Computes nothing; any thread.
std::string password_hash_fault(const std::string& hash);

}  // namespace ringgate
