// `ringgate passwd`: makes the hash of a password for a configuration file.
#pragma once

namespace ringgate {

/// Asks for the password, twice where a person types it, else reads one line of stdin; prints its
/// yescrypt hash. Returns the exit code of the process.
int passwd();

}  // namespace ringgate
