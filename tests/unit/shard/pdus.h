// PDUs as an ESME would write and read them, for tests that speak octets.
#pragma once

#include <ringgate/status.h>

#include <deque>
#include <string>
#include <vector>

#include "smpp/command.h"
#include "smpp/operations.h"
#include "smpp/pdu.h"
#include "smpp/tlv.h"
#include "wire/frame.h"

namespace ringgate::test {

inline std::string pdu(smpp::Command command, std::uint32_t sequence_number,
                       Status status = Status::ESME_ROK, std::string_view body = {}) {
  std::string out(wire::pdu_header_size, '\0');
  smpp::write_header(reinterpret_cast<std::uint8_t*>(out.data()),
                     static_cast<std::uint32_t>(wire::pdu_header_size + body.size()),
                     static_cast<std::uint32_t>(command), static_cast<std::uint32_t>(status),
                     sequence_number);
  return out.append(body);
}

template <class Body>
std::string encoded(smpp::Command command, std::uint32_t sequence_number, const Body& body) {
  std::string octets(wire::encoded_size(body), '\0');
  wire::encode(body, reinterpret_cast<std::uint8_t*>(octets.data()));
  return pdu(command, sequence_number, Status::ESME_ROK, octets);
}

inline std::string bind_pdu(smpp::Command command, std::string_view system_id,
                            std::string_view password, std::uint32_t sequence_number = 1,
                            std::uint8_t interface_version = 0x34) {
  smpp::Bind body;
  body.system_id = system_id;
  body.password = password;
  body.interface_version = interface_version;
  return encoded(command, sequence_number, body);
}

/// registered_delivery 1 asks for a receipt.
inline std::string submit_pdu(std::uint32_t sequence_number, std::uint8_t registered_delivery = 1,
                              std::string_view text = "hello") {
  smpp::ShortMessage body;
  body.source_addr = "447700900001";
  body.destination_addr = "447700900002";
  body.registered_delivery = registered_delivery;
  body.short_message = as_octets(text);
  return encoded(smpp::Command::submit_sm, sequence_number, body);
}

inline std::string query_pdu(std::uint32_t sequence_number, std::string_view id,
                             std::string_view source = "447700900001") {
  smpp::QuerySm body;
  body.message_id = id;
  body.source_addr = source;
  return encoded(smpp::Command::query_sm, sequence_number, body);
}

struct Pdu {
  smpp::Header header;
  std::string body;

  smpp::Command command() const { return static_cast<smpp::Command>(header.command_id); }
  Status status() const { return static_cast<Status>(header.command_status); }
  std::uint32_t sequence_number() const { return header.sequence_number; }
  /// Of a submit_sm_resp.
  std::string message_id() const { return body.substr(0, body.find('\0')); }
  /// Of a deliver_sm that is a receipt: the id in its text.
  std::string receipted_id() const {
    smpp::ShortMessage message;
    const Octets octets = as_octets(body);
    Cursor cursor{octets.data(), octets.data() + octets.size()};
    if (!wire::decode(cursor, message).ok()) return "malformed";
    const std::string_view text = as_text(message.short_message);
    if (text.substr(0, 3) != "id:") return "no id";
    return std::string(text.substr(3, text.find(' ') - 3));
  }
};

/// Cuts a stream into PDUs.
class PduReader {
 public:
  void add(Octets octets) {
    rest_.append(as_text(octets));
    for (;;) {
      const wire::Frame frame = wire::next_frame(as_octets(rest_), 1'000'000);
      if (frame.state != wire::FrameState::whole) return;
      Pdu& one = pdus.emplace_back();
      one.header = smpp::read_header(as_octets(rest_).data());
      one.body = rest_.substr(wire::pdu_header_size, frame.size - wire::pdu_header_size);
      rest_.erase(0, frame.size);
    }
  }

  std::deque<Pdu> pdus;

 private:
  std::string rest_;
};

}  // namespace ringgate::test
