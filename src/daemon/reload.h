// What SIGHUP does: the configuration is read again, and what of it can change while the server
// runs does.
#pragma once

#include <string>

#include <ringgate/log.h>
#include <ringgate/server.h>

#include "config/config.h"

namespace ringgate {

/// One thread, which is none of a shard's.
class Reload {
 public:
  /// The server was started with `started`, which is what the file at `path` said then.
  Reload(std::string path, Config started)
      : path_(std::move(path)), started_(started.options), running_(std::move(started)) {}

  /// A file with a mistake changes nothing. The log says what has become of it.
  void run(Server& server, Log& log);

 private:
  const std::string path_;
  const Options started_;
  Config running_;  // its accounts are those in use
};

}  // namespace ringgate
