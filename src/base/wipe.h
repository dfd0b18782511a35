// Secrets do not stay in memory longer than they are needed.
#pragma once

#include <string.h>

#include <string>

namespace ringgate {

/// Overwrites what it holds, and empties it.
inline void wipe(std::string& secret) {
  explicit_bzero(secret.data(), secret.size());
  secret.clear();
}

}  // namespace ringgate
