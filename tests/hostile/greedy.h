// Connections that send the same octets over and over, as fast as the server takes them.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

namespace ringgate::hostile {

/// One thread for all of them.
class Greedy {
 public:
  /// Each connection sends `greeting` once, and `octets` until the end. What comes back is read and
  /// thrown away, so that nobody is paused for not reading.
  Greedy(std::uint16_t port, std::size_t connections, const std::string& greeting,
         std::string octets);
  ~Greedy();
  Greedy(const Greedy&) = delete;
  Greedy& operator=(const Greedy&) = delete;

  std::uint64_t octets_sent() const { return sent_; }
  /// Connections that the server has ended.
  std::size_t ended() const { return ended_; }

 private:
  struct One {
    int fd = -1;
    std::size_t at = 0;  // in octets_
  };
  void run();
  /// False when the connection has ended.
  bool work(One& one, short events);

  std::string octets_;
  std::vector<One> all_;
  std::atomic<bool> stop_ = false;
  std::atomic<std::uint64_t> sent_ = 0;
  std::atomic<std::size_t> ended_ = 0;
  std::thread thread_;
};

}  // namespace ringgate::hostile
