// Deliveries that an ESME has given to its program and that are not answered yet.
#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>

#include "smpp/command.h"

namespace ringgate {

/// Of one connection, by names of our own: peers give sequence_numbers again, also while the first
/// is not answered, and to a deliver_sm and a data_sm at once. One thread.
class OpenDeliveries {
 public:
  struct Delivery {
    smpp::Command command = smpp::Command::deliver_sm;
    std::uint32_t sequence_number = 0;
  };

  /// Its name.
  std::uint64_t put(const Delivery& delivery) {
    open_.emplace(++last_name_, delivery);
    return last_name_;
  }
  /// Empty where there is none of that name, or not any more.
  std::optional<Delivery> take(std::uint64_t name) {
    const auto found = open_.extract(name);
    return found ? std::optional(found.mapped()) : std::nullopt;
  }
  std::size_t count() const { return open_.size(); }

 private:
  std::unordered_map<std::uint64_t, Delivery> open_;
  std::uint64_t last_name_ = 0;
};

}  // namespace ringgate
