// Connections that have been accepted and are not a shard's yet.
#pragma once

#include <cstddef>
#include <deque>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

#include <ringgate/server.h>

namespace ringgate {

struct ListenerTerms;

struct Arrival {
  int socket = -1;
  std::string peer{};
  bool placed = false;     ///< the acceptor has chosen this shard
  bool make_room = false;  ///< ... although the node is full: a stranger has to give way
  std::uint16_t listener = 0;
  const ListenerTerms* terms = nullptr;  ///< of the listener; null: it takes all
  std::unique_ptr<OutbindOptions> outbind{};
};

/// Fair over addresses: a storm from one does not keep another's connection waiting. Holds at most
/// count_max; then the one that came last from the address with the most gives way. One thread.
class AcceptQueue {
 public:
  explicit AcceptQueue(std::size_t count_max) : count_max_(count_max) {}

  /// Returns the connection that has to be closed for it, if any.
  std::optional<Arrival> push(Arrival one, const std::string& address) {
    const auto [place, is_new] = by_address_.try_emplace(address);
    if (is_new) place->second = lines_.insert(lines_.end(), Line{address, {}});
    place->second->waiting.push_back(std::move(one));
    ++count_;
    if (count_ <= count_max_) return std::nullopt;
    auto longest = lines_.begin();
    for (auto line = lines_.begin(); line != lines_.end(); ++line)
      if (line->waiting.size() > longest->waiting.size()) longest = line;
    Arrival out = std::move(longest->waiting.back());
    longest->waiting.pop_back();
    taken_from(longest);
    return out;
  }

  /// The next, of another address than the one before where there is one.
  std::optional<Arrival> pop() {
    if (lines_.empty()) return std::nullopt;
    const auto line = lines_.begin();
    Arrival out = std::move(line->waiting.front());
    line->waiting.pop_front();
    lines_.splice(lines_.end(), lines_, line);
    taken_from(line);
    return out;
  }

  bool empty() const { return count_ == 0; }
  std::size_t count() const { return count_; }

 private:
  struct Line {
    std::string address;
    std::deque<Arrival> waiting;
  };
  using Lines = std::list<Line>;

  void taken_from(Lines::iterator line) {
    --count_;
    if (!line->waiting.empty()) return;
    by_address_.erase(line->address);
    lines_.erase(line);
  }

  const std::size_t count_max_;
  std::size_t count_ = 0;
  Lines lines_;  // none is empty; the first is next
  std::unordered_map<std::string, Lines::iterator> by_address_;
};

}  // namespace ringgate
