#include "pdu.h"

namespace ringgate::hostile {
namespace {

std::string big_endian(std::uint32_t value, unsigned size) {
  std::string out;
  while (size-- > 0) out.push_back(static_cast<char>(value >> (8 * size) & 0xFF));
  return out;
}

std::string address(std::uint32_t ton, std::uint32_t npi, std::string_view text) {
  return u8(ton) + u8(npi) + c_string(text);
}

std::string source(std::string_view text) { return address(5, 0, text); }

/// What submit_sm and submit_multi end with.
std::string tail(const SubmitSm& message) {
  const auto size = static_cast<std::uint32_t>(message.short_message.size());
  return u8(message.esm_class) + u8(message.protocol_id) + u8(message.priority_flag) +
         c_string(message.schedule_delivery_time) + c_string(message.validity_period) +
         u8(message.registered_delivery) + u8(message.replace_if_present_flag) +
         u8(message.data_coding) + u8(message.sm_default_msg_id) +
         u8(message.sm_length.value_or(size)) + message.short_message + message.rest;
}

}  // namespace

std::string u8(std::uint32_t value) { return big_endian(value, 1); }
std::string u16(std::uint32_t value) { return big_endian(value, 2); }
std::string u32(std::uint32_t value) { return big_endian(value, 4); }
std::string c_string(std::string_view text) { return std::string(text) + '\0'; }

std::string tlv(std::uint16_t tag, std::string_view value) {
  return u16(tag) + u16(static_cast<std::uint32_t>(value.size())) + std::string(value);
}

std::string pdu(std::uint32_t command_id, std::uint32_t sequence_number, std::string_view body,
                std::uint32_t command_status) {
  return u32(static_cast<std::uint32_t>(16 + body.size())) + u32(command_id) + u32(command_status) +
         u32(sequence_number) + std::string(body);
}

std::string header(std::uint32_t command_length, std::uint32_t command_id,
                   std::uint32_t sequence_number) {
  return u32(command_length) + u32(command_id) + u32(0) + u32(sequence_number);
}

std::string to_hex(std::string_view octets) {
  constexpr char digits[] = "0123456789abcdef";
  std::string out;
  for (const char c : octets) {
    const auto value = static_cast<unsigned char>(c);
    out.push_back(digits[value >> 4]);
    out.push_back(digits[value & 15]);
  }
  return out;
}

std::string Bind::body() const {
  return c_string(system_id) + c_string(password) + c_string(system_type) + u8(interface_version) +
         address(0, 0, address_range);
}

std::string SubmitSm::body() const {
  return c_string(service_type) + address(source_addr_ton, source_addr_npi, source_addr) +
         address(dest_addr_ton, dest_addr_npi, destination_addr) + tail(*this);
}

std::string DataSm::body() const {
  return c_string(service_type) + source(source_addr) + address(1, 1, destination_addr) +
         u8(esm_class) + u8(registered_delivery) + u8(data_coding) + rest;
}

std::string destination(std::string_view text, std::uint32_t dest_flag) {
  return u8(dest_flag) + address(1, 1, text);
}

std::string distribution_list(std::string_view name) { return u8(2) + c_string(name); }

std::string SubmitMulti::body() const {
  const auto count = static_cast<std::uint32_t>(destinations.size());
  std::string out = c_string(message.service_type) + source(message.source_addr) +
                    u8(number_of_dests.value_or(count));
  for (const std::string& one : destinations) out += one;
  return ends_after_destinations ? out : out + tail(message);
}

std::string QuerySm::body() const { return c_string(message_id) + source(source_addr); }

std::string CancelSm::body() const {
  return c_string(service_type) + c_string(message_id) + source(source_addr) +
         address(1, 1, destination_addr);
}

std::string ReplaceSm::body() const {
  return c_string(message_id) + source(source_addr) + c_string(schedule_delivery_time) +
         c_string(validity_period) + u8(registered_delivery) + u8(0) +
         u8(static_cast<std::uint32_t>(short_message.size())) + short_message;
}

std::string BroadcastSm::body() const {
  return c_string("") + source("Hostile") + c_string(message_id) + u8(priority_flag) +
         c_string("") + c_string("") + u8(0) + u8(0) + u8(0) + rest;
}

std::string CancelBroadcastSm::body() const {
  return c_string("") + c_string(message_id) + source("Hostile");
}

}  // namespace ringgate::hostile
