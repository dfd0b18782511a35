// Writes PDUs field by field for tests, wrong ones too. Shares no code with the encoders under
// test.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <ringgate/status.h>
#include <ringgate/types.h>

#include "base/bytes.h"

namespace ringgate::testing {

/// The octets of a literal, NULs included, without the terminator.
template <std::size_t N>
std::string octets(const char (&literal)[N]) {
  return std::string(literal, N - 1);
}

class PduBuilder {
 public:
  explicit PduBuilder(std::uint32_t command_id, std::uint32_t sequence_number = 1,
                      std::uint32_t command_status = 0)
      : command_id_(command_id),
        command_status_(command_status),
        sequence_number_(sequence_number) {}

  PduBuilder& i1(unsigned value) { return number(value, 1); }
  PduBuilder& i2(unsigned value) { return number(value, 2); }
  PduBuilder& i4(std::uint32_t value) { return number(value, 4); }
  PduBuilder& raw(std::string_view text) {
    body_.append(text);
    return *this;
  }
  PduBuilder& c_string(std::string_view text) { return raw(text).i1(0); }
  PduBuilder& tlv(unsigned tag, std::string_view value) {
    return i2(tag).i2(static_cast<unsigned>(value.size())).raw(value);
  }

  /// The PDU with its true command_length.
  std::string pdu() const { return pdu(static_cast<std::uint32_t>(16 + body_.size())); }
  /// The PDU with a command_length of the caller's choice.
  std::string pdu(std::uint32_t command_length) const {
    PduBuilder header(0);
    header.i4(command_length).i4(command_id_).i4(command_status_).i4(sequence_number_);
    return header.body_ + body_;
  }
  const std::string& body() const { return body_; }

 private:
  PduBuilder& number(std::uint32_t value, unsigned size) {
    for (unsigned i = size; i > 0; --i)
      body_.push_back(static_cast<char>((value >> (8 * (i - 1))) & 0xFF));
    return *this;
  }

  std::uint32_t command_id_;
  std::uint32_t command_status_;
  std::uint32_t sequence_number_;
  std::string body_;
};

inline std::string header_only(std::uint32_t command_id, std::uint32_t sequence_number = 1,
                               Status status = Status::ESME_ROK) {
  return PduBuilder(command_id, sequence_number, static_cast<std::uint32_t>(status)).pdu();
}

inline std::string tlv(unsigned tag, std::string_view value) {
  return PduBuilder(0).tlv(tag, value).body();
}

/// submit_sm or deliver_sm. Text fields are written as they are, then a NUL.
struct ShortMessageSpec {
  std::uint32_t command_id = 0x00000004;
  std::string service_type{};
  unsigned source_ton = 0, source_npi = 0;
  std::string source = "1000";
  unsigned dest_ton = 1, dest_npi = 1;
  std::string destination = "447700900123";
  unsigned esm_class = 0, protocol_id = 0, priority_flag = 0;
  std::string schedule_delivery_time{};
  std::string validity_period{};
  unsigned registered_delivery = 0, replace_if_present_flag = 0, data_coding = 0;
  unsigned sm_default_msg_id = 0;
  std::optional<unsigned> sm_length{};  ///< where it shall not be the size of the text
  std::string short_message = "hello";
  std::string rest{};  ///< behind short_message: TLVs, or what is none
  std::uint32_t command_status = 0;

  std::string body() const {
    return PduBuilder(0)
        .c_string(service_type)
        .i1(source_ton)
        .i1(source_npi)
        .c_string(source)
        .i1(dest_ton)
        .i1(dest_npi)
        .c_string(destination)
        .i1(esm_class)
        .i1(protocol_id)
        .i1(priority_flag)
        .c_string(schedule_delivery_time)
        .c_string(validity_period)
        .i1(registered_delivery)
        .i1(replace_if_present_flag)
        .i1(data_coding)
        .i1(sm_default_msg_id)
        .i1(sm_length.value_or(static_cast<unsigned>(short_message.size())))
        .raw(short_message)
        .raw(rest)
        .body();
  }
  std::string pdu(std::uint32_t sequence_number) const {
    return PduBuilder(command_id, sequence_number, command_status).raw(body()).pdu();
  }
};

struct BindSpec {
  std::uint32_t command_id = 0x00000009;
  std::string system_id = "esme";
  std::string password = "secret";
  std::string system_type{};
  unsigned interface_version = 0x34;
  unsigned addr_ton = 0, addr_npi = 0;
  std::string address_range{};

  std::string pdu(std::uint32_t sequence_number) const {
    return PduBuilder(command_id, sequence_number)
        .c_string(system_id)
        .c_string(password)
        .c_string(system_type)
        .i1(interface_version)
        .i1(addr_ton)
        .i1(addr_npi)
        .c_string(address_range)
        .pdu();
  }
};

}  // namespace ringgate::testing
