// Deliveries that an ESME has given to its program and that are not answered yet.
#pragma once

#include <cstdint>
#include <unordered_map>

#include "smpp/command.h"

namespace ringgate {

/// Of one connection. A peer that gives a number twice, which it should not, gets as many answers.
/// One thread.
class OpenDeliveries {
 public:
  void put(std::uint32_t sequence_number, smpp::Command command) {
    Open& open = open_[sequence_number];
    open.command = command;
    ++open.count;
    ++count_;
  }
  /// False when there is none of that number; else `command` is what is to be answered.
  bool take(std::uint32_t sequence_number, smpp::Command& command) {
    const auto found = open_.find(sequence_number);
    if (found == open_.end()) return false;
    command = found->second.command;
    --count_;
    if (--found->second.count == 0) open_.erase(found);
    return true;
  }
  void clear() {
    open_.clear();
    count_ = 0;
  }
  std::size_t count() const { return count_; }

 private:
  struct Open {
    smpp::Command command = smpp::Command::deliver_sm;
    unsigned count = 0;
  };

  std::unordered_map<std::uint32_t, Open> open_;
  std::size_t count_ = 0;
};

}  // namespace ringgate
