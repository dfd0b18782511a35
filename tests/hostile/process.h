// The real program as a child, for what a test cannot do to its own process.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <string>

namespace ringgate::hostile {

class Process {
 public:
  /// build/ringgate with these rows of configuration besides its listener and its data directory.
  /// Returns when clients can connect; fails the test if they cannot.
  explicit Process(const std::string& rows);
  /// SIGTERM, and SIGKILL if that is not heard.
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  std::uint16_t port() const { return port_; }
  /// Stands still, as in a debugger or on a host that has no time for it, when this returns.
  void pause();
  void go_on();

 private:
  const std::uint16_t port_;
  std::filesystem::path directory_;
  pid_t pid_ = -1;
};

}  // namespace ringgate::hostile
