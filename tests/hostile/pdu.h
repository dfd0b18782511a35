// Octets of PDUs, good and bad, from plain structs. Independent of src/: what the server's codec
// gets wrong must not be wrong here as well. Nothing is checked, and every length can lie.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol.h"

namespace ringgate::hostile {

std::string u8(std::uint32_t value);
std::string u16(std::uint32_t value);
std::string u32(std::uint32_t value);
/// A C-string: longer than its field allows is one without NUL inside its maximum.
std::string c_string(std::string_view text);
/// Octets from a literal, NULs included.
template <std::size_t N>
std::string octets(const char (&literal)[N]) {
  return std::string(literal, N - 1);
}
std::string tlv(std::uint16_t tag, std::string_view value);
std::string pdu(std::uint32_t command_id, std::uint32_t sequence_number, std::string_view body = {},
                std::uint32_t command_status = 0);
/// A header that claims `command_length`, then the body.
std::string header(std::uint32_t command_length, std::uint32_t command_id,
                   std::uint32_t sequence_number);
std::string to_hex(std::string_view octets);

struct Bind {
  std::string system_id = "esme";
  std::string password = "secret";
  std::string system_type = {};
  std::uint32_t interface_version = 0x34;
  std::string address_range = {};
  std::string body() const;
};

/// submit_sm; replace parts of it, or set sm_length to lie.
struct SubmitSm {
  std::string service_type = {};
  std::uint32_t source_addr_ton = 5;
  std::uint32_t source_addr_npi = 0;
  std::string source_addr = "Hostile";
  std::uint32_t dest_addr_ton = 1;
  std::uint32_t dest_addr_npi = 1;
  std::string destination_addr = "447700900123";
  std::uint32_t esm_class = 0;
  std::uint32_t protocol_id = 0;
  std::uint32_t priority_flag = 0;
  std::string schedule_delivery_time = {};
  std::string validity_period = {};
  std::uint32_t registered_delivery = 0;
  std::uint32_t replace_if_present_flag = 0;
  std::uint32_t data_coding = 0;
  std::uint32_t sm_default_msg_id = 0;
  std::optional<std::uint32_t> sm_length = {};
  std::string short_message = "Hello";
  std::string rest = {};  // TLVs, or what is not
  std::string body() const;
};

struct DataSm {
  std::string service_type = {};
  std::string source_addr = "Hostile";
  std::string destination_addr = "447700900123";
  std::uint32_t esm_class = 0;
  std::uint32_t registered_delivery = 0;
  std::uint32_t data_coding = 0;
  std::string rest = tlv(tag::message_payload, "Hello");
  std::string body() const;
};

/// One entry of dest_address[].
std::string destination(std::string_view address, std::uint32_t dest_flag = 1);
std::string distribution_list(std::string_view name);

struct SubmitMulti {
  std::optional<std::uint32_t> number_of_dests = {};  // unset: as many as there are
  std::vector<std::string> destinations = {destination("447700900123"),
                                           destination("447700900124")};
  bool ends_after_destinations = false;
  SubmitSm message = {};  // everything but the destination
  std::string body() const;
};

struct QuerySm {
  std::string message_id = {};
  std::string source_addr = "Hostile";
  std::string body() const;
};

struct CancelSm {
  std::string service_type = {};
  std::string message_id = {};
  std::string source_addr = "Hostile";
  std::string destination_addr = "447700900123";
  std::string body() const;
};

struct ReplaceSm {
  std::string message_id = {};
  std::string source_addr = "Hostile";
  std::string schedule_delivery_time = {};
  std::string validity_period = {};
  std::uint32_t registered_delivery = 0;
  std::string short_message = "Hello again";
  std::string body() const;
};

struct BroadcastSm {
  std::string message_id = {};
  std::uint32_t priority_flag = 0;
  std::string rest = tlv(tag::broadcast_area_identifier, octets("\x00here")) +
                     tlv(tag::broadcast_content_type, octets("\x01\x00\x00")) +
                     tlv(tag::broadcast_rep_num, u16(1)) +
                     tlv(tag::broadcast_frequency_interval, octets("\x09\x00\x05"));
  std::string body() const;
};

struct CancelBroadcastSm {
  std::string message_id = {};
  std::string body() const;
};

}  // namespace ringgate::hostile
