// A message encoded once, of which every one that is sent is a copy.
#pragma once

#include <ringgate/types.h>

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "base/units.h"
#include "load/destinations.h"
#include "smpp/command.h"

namespace ringgate::load {

/// How the text becomes octets.
enum class Coding : std::uint8_t {
  octets,     ///< as they are, with data_coding 0
  automatic,  ///< GSM 7-bit if every character has a code there, otherwise UCS-2
  gsm,
  ucs2,
  binary,  ///< as they are, and said to be no text
};

/// What becomes of a text that is too long for one short message.
enum class LongText : std::uint8_t {
  payload,  ///< one PDU; above 254 octets in message_payload
  udh,      ///< parts of 140 octets, with a header (3GPP TS 23.040 §9.2.3.24.1)
  sar,      ///< parts, with the TLVs sar_msg_ref_num, sar_total_segments, sar_segment_seqnum
};

struct MessageOptions {
  smpp::Command operation = smpp::Command::submit_sm;  ///< or data_sm, submit_multi
  double weight = 1;                                   ///< how often, relative to the others
  std::string source;
  Destinations destinations;
  std::uint32_t recipients = 1;  ///< of a submit_multi
  std::string text;              ///< in UTF-8; empty: `size` characters of one
  std::uint32_t size = 160;
  Coding coding = Coding::octets;
  LongText long_text = LongText::payload;
  std::uint8_t priority = 0;
  bool receipt = false;  ///< registered_delivery
};

/// Text above this goes into message_payload: sm_length 255 is reserved (3.4 §5.2.21).
inline constexpr std::uint32_t short_message_size_max = 254;

/// What is wrong with a message, for people; or nothing.
std::string fault_of(const MessageOptions& options);

/// Whether its text goes into message_payload.
bool has_payload(const MessageOptions& options);

class MessageTemplate {
 public:
  /// `fault_of(options)` is empty. Begins with its destination of that number. `references`, which
  /// outlives it, counts for all messages of several parts that go out at the same time, so that no
  /// two of them look like one.
  MessageTemplate(const MessageOptions& options, std::uint64_t first, std::uint16_t& references);
  MessageTemplate(MessageTemplate&&) = default;
  MessageTemplate(const MessageTemplate&) = delete;
  MessageTemplate& operator=(const MessageTemplate&) = delete;

  /// Of the PDU that is next.
  std::size_t size() const { return next_.size(); }
  /// Of any PDU, whatever its destinations.
  std::size_t size_max() const;
  std::size_t part_count() const { return parts_.size(); }
  bool receipt() const { return receipt_; }
  /// Whether the PDU that is next is the first of a message.
  bool begins() const { return part_ == 0; }

  /// Writes the next PDU to `to` (size() octets) and returns its size.
  std::size_t write(std::uint32_t sequence_number, std::uint8_t* to) {
    const std::size_t size = next_.size();
    std::memcpy(to, next_.data(), size);
    store_be32(to + sequence_number_offset, sequence_number);
    if (!fixed_) end_part();
    return size;
  }

 private:
  static constexpr std::size_t sequence_number_offset = 12;

  struct Part {
    std::vector<std::uint8_t> pdu;
    std::size_t destinations_at = 0;  // the first octet behind what is before them
    std::size_t destinations_size = 0;
    std::size_t reference_at = 0;  // from the end; 0: it is no part of a longer message
    std::size_t reference_size = 0;
  };

  void end_part();
  void refer();
  void lay_destinations();

  std::vector<Part> parts_;
  std::size_t part_ = 0;
  Octets next_;         // of that part
  bool fixed_ = false;  // one part to one destination
  bool receipt_;
  bool multi_;
  std::uint32_t recipients_;
  Destinations destinations_;
  std::uint16_t* references_;
  std::vector<std::uint8_t> laid_;  // destinations as they lie in each part
};

}  // namespace ringgate::load
