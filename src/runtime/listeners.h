// The listening sockets of a server: opened and closed by any thread, accepted from by one shard.
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include <ringgate/options.h>

#include "base/result.h"

namespace ringgate::runtime {

/// A listener's index is its own for ever: connections are known by it. Any thread.
class Listeners {
 public:
  static constexpr std::size_t count_max = 1024;  // ever

  Listeners() = default;
  ~Listeners();
  Listeners(const Listeners&) = delete;
  Listeners& operator=(const Listeners&) = delete;

  /// Its index. Fails as listen_tcp does, and when there have been too many.
  [[nodiscard]] Result<std::size_t> open(const ListenOptions& options);
  /// False: there is none of that index any more. What waits in the kernel's queue is reset, and
  /// an accept that is under way ends with an error.
  bool close(std::size_t listener);

  std::size_t count() const;
  /// -1 of one that is closed.
  int descriptor(std::size_t listener) const;
  /// 0 of one that is closed, or never was.
  std::uint16_t port(std::size_t listener) const;

 private:
  mutable std::mutex mutex_;
  std::vector<int> descriptors_;  // by index; -1: closed
};

}  // namespace ringgate::runtime
