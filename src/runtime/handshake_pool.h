// Takes TLS handshakes a step further on threads of its own, since a step may cost a shard as much
// as a thousand messages.
//
// What has begun goes first, so that work which was done is not in vain. Of those that begin,
// addresses take turns: whoever begins many handshakes waits behind those who begin few; and no
// more are begun per second than limits.handshake_rate says. No more wait than there are
// connections that have not bound, which have a bound of their own.
#pragma once

#include <condition_variable>
#include <functional>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <vector>

#include "base/hash.h"
#include "io/channel.h"

namespace ringgate::runtime {

class HandshakePool {
 public:
  static constexpr unsigned threads_max = 16;

  /// `rate`: handshakes begun per second; 0: no limit.
  HandshakePool(unsigned threads, unsigned rate);
  /// Waits for the steps under way; those still queued are dropped.
  ~HandshakePool();
  HandshakePool(const HandshakePool&) = delete;
  HandshakePool& operator=(const HandshakePool&) = delete;

  /// Calls channel.shake() and then `done` on a thread of the pool. Until then the channel stays
  /// where it is, and nobody else uses it. Any thread.
  /// `begins`: it is the first step of that handshake.
  void shake(io::Channel& channel, std::string_view address, bool begins,
             std::function<void()> done);
  /// True: its step had not begun, and is forgotten with its `done`. Any thread.
  bool withdraw(io::Channel& channel);

  std::size_t waiting() const;

 private:
  struct Step {
    io::Channel* channel;
    std::function<void()> done;
  };
  using Steps = std::list<Step>;
  struct Line {
    std::string address;
    Steps steps;
  };
  using Lines = std::list<Line>;
  struct Place {
    Lines::iterator line;  // lines_.end(): it has begun before
    Steps::iterator step;
  };

  void run();
  Step take(const Place& place);
  Nanos wait_until_allowed();

  const Nanos interval_;  // between two that begin
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  Steps begun_;
  Lines lines_;  // of those that begin; none is empty; the first is next
  std::unordered_map<std::string, Lines::iterator, SeededHash, std::equal_to<>> by_address_;
  std::unordered_map<io::Channel*, Place> places_;  // of all that wait
  Nanos next_ = 0;                                  // when the next one may begin
  bool stop_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace ringgate::runtime
