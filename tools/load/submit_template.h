// A submit_sm encoded once, of which every message is a copy.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "base/units.h"

namespace ringgate::load {

struct SubmitOptions {
  std::string source;
  std::string destination;
  std::uint64_t destination_count = 1;  ///< numbers in use, counting up from `destination`
  std::uint32_t size = 160;             ///< octets of text
  bool receipt = false;                 ///< registered_delivery
};

/// Text above this goes into message_payload: sm_length 255 is reserved (3.4 §5.2.21).
inline constexpr std::uint32_t short_message_size_max = 254;

class SubmitTemplate {
 public:
  explicit SubmitTemplate(const SubmitOptions& options);

  std::size_t size() const { return pdu_.size(); }

  /// Writes the next message to `to` (size() octets) and returns its size.
  std::size_t write(std::uint32_t sequence_number, std::uint8_t* to) {
    std::memcpy(to, pdu_.data(), pdu_.size());
    store_be32(to + sequence_number_offset, sequence_number);
    if (destination_count_ > 1) next_destination();
    return pdu_.size();
  }

 private:
  static constexpr std::size_t sequence_number_offset = 12;

  void next_destination();

  std::vector<std::uint8_t> pdu_;
  std::string destination_;
  std::size_t destination_offset_ = 0;
  std::uint64_t destination_count_;
  std::uint64_t destination_index_ = 0;
};

}  // namespace ringgate::load
