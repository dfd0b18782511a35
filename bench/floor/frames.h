// The few PDUs the floor answers with, encoded at compile time: the hot path copies one and stores
// a sequence number.
//
//   0              4              8              12              16
//  +--------------+--------------+--------------+---------------+--------
//  | command_     | command_id   | command_     | sequence_     | body
//  | length       |              | status       | number        |
//  +--------------+--------------+--------------+---------------+--------
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace ringgate::floor {

inline constexpr std::size_t header_size = 16;
inline constexpr std::size_t command_id_offset = 4;
inline constexpr std::size_t sequence_number_offset = 12;

// SMPP 3.4 §5.1.2.1.
inline constexpr std::uint32_t response_bit = 0x80000000;
inline constexpr std::uint32_t generic_nack = 0x80000000;
inline constexpr std::uint32_t bind_receiver = 0x00000001;
inline constexpr std::uint32_t bind_transmitter = 0x00000002;
inline constexpr std::uint32_t submit_sm = 0x00000004;
inline constexpr std::uint32_t deliver_sm = 0x00000005;
inline constexpr std::uint32_t unbind = 0x00000006;
inline constexpr std::uint32_t bind_transceiver = 0x00000009;
inline constexpr std::uint32_t enquire_link = 0x00000015;

inline constexpr std::uint32_t ESME_RINVCMDID = 0x00000003;

/// Writes a PDU of exactly `Size` octets; the compiler refuses one that does not fit.
template <std::size_t Size>
class FrameWriter {
 public:
  constexpr FrameWriter(std::uint32_t command_id, std::uint32_t command_status) {
    integer(Size, 4);
    integer(command_id, 4);
    integer(command_status, 4);
    integer(0, 4);
  }

  /// Appends `value` in `width` octets, most significant first.
  constexpr void integer(std::uint64_t value, std::size_t width) {
    for (std::size_t i = width; i > 0; --i)
      octets_.at(size_++) = static_cast<std::uint8_t>(value >> (8 * (i - 1)));
  }
  constexpr void octets(std::string_view text) {
    for (const char c : text) octets_.at(size_++) = static_cast<std::uint8_t>(c);
  }
  constexpr void c_octets(std::string_view text) {
    octets(text);
    integer(0, 1);
  }

  constexpr std::array<std::uint8_t, Size> finish() const {
    return size_ == Size ? octets_ : throw "the body does not fill the frame";
  }

 private:
  std::array<std::uint8_t, Size> octets_{};
  std::size_t size_ = 0;
};

inline constexpr std::string_view system_id = "floor";
inline constexpr std::string_view message_id = "floor-0000000001";
static_assert(message_id.size() == 16);

/// Only the header; command_id, command_status and sequence_number are filled in.
inline constexpr auto header_frame = FrameWriter<header_size>(0, 0).finish();

inline constexpr auto bind_response_frame = [] {
  FrameWriter<header_size + system_id.size() + 1> writer(0, 0);
  writer.c_octets(system_id);
  return writer.finish();
}();

inline constexpr auto submit_response_frame = [] {
  FrameWriter<header_size + message_id.size() + 1> writer(submit_sm | response_bit, 0);
  writer.c_octets(message_id);
  return writer.finish();
}();

/// A delivery receipt as SMPP 3.4 Appendix B has it, with the TLVs receipted_message_id and
/// message_state.
inline constexpr auto receipt_frame = [] {
  constexpr std::string_view text =
      "id:floor-0000000001 sub:001 dlvrd:001 submit date:2601010000 done date:2601010000 "
      "stat:DELIVRD err:000 text:Constant receipt of ";
  constexpr std::string_view source = "491700000001";
  constexpr std::string_view destination = "491600000002";
  constexpr std::size_t size = header_size + 1 + 2 + source.size() + 1 + 2 + destination.size() +
                               1 + 9 + 1 + text.size() + 4 + message_id.size() + 1 + 4 + 1;
  static_assert(size >= 200 && size <= 240);
  FrameWriter<size> writer(deliver_sm, 0);
  writer.c_octets("");        // service_type
  writer.integer(0x0101, 2);  // source_addr_ton, source_addr_npi: international, E.164
  writer.c_octets(source);
  writer.integer(0x0101, 2);  // dest_addr_ton, dest_addr_npi
  writer.c_octets(destination);
  writer.integer(0x04, 1);  // esm_class: delivery receipt
  writer.integer(0, 1);     // protocol_id
  writer.integer(0, 1);     // priority_flag
  writer.c_octets("");      // schedule_delivery_time
  writer.c_octets("");      // validity_period
  writer.integer(0, 1);     // registered_delivery
  writer.integer(0, 1);     // replace_if_present_flag
  writer.integer(0, 1);     // data_coding
  writer.integer(0, 1);     // sm_default_msg_id
  writer.integer(text.size(), 1);
  writer.octets(text);
  writer.integer(0x001E, 2);  // receipted_message_id
  writer.integer(message_id.size() + 1, 2);
  writer.c_octets(message_id);
  writer.integer(0x0427, 2);  // message_state
  writer.integer(1, 2);
  writer.integer(2, 1);  // DELIVERED
  return writer.finish();
}();

}  // namespace ringgate::floor
