// Messages of several kinds, in the proportions that were asked for.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "load/message_template.h"

namespace ringgate::load {

/// Kinds follow each other as evenly as their weights allow, and always in the same order, so that
/// two runs send the same.
class Mix {
 public:
  /// At least one, none with a fault. `share` of 0 to 1 begins with that part of the destinations;
  /// `references` as of MessageTemplate.
  Mix(std::span<const MessageOptions> kinds, double share, std::uint16_t& references);
  Mix(const Mix&) = delete;
  Mix& operator=(const Mix&) = delete;

  /// Of the PDU that is next.
  std::size_t size() const { return now_->size(); }
  std::size_t size_max() const;
  bool receipt() const { return now_->receipt(); }
  /// Whether a message takes several PDUs, which have to go through one connection.
  bool has_parts() const;

  /// Writes the next PDU to `to` (size() octets) and returns its size.
  std::size_t write(std::uint32_t sequence_number, std::uint8_t* to) {
    const std::size_t size = now_->write(sequence_number, to);
    if (several_ && now_->begins()) choose();
    return size;
  }

 private:
  struct Kind {
    MessageTemplate message;
    double weight;
    double credit = 0;
  };

  void choose();

  std::vector<Kind> kinds_;
  MessageTemplate* now_ = nullptr;
  bool several_ = false;
  double total_ = 0;
};

}  // namespace ringgate::load
