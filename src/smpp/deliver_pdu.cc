#include "smpp/deliver_pdu.h"

#include "message/owned_content.h"
#include "smpp/command.h"
#include "smpp/content_rows.h"
#include "smpp/tlv.h"
#include "wire/frame.h"

namespace ringgate::smpp {

namespace {

std::size_t write_message(Command command, const Content& message, std::uint8_t interface_version,
                          std::uint32_t sequence_number, std::uint8_t* to) {
  ASSERT(deliver_fits(message, interface_version));
  // One of the TLVs already, where it came by one.
  const bool is_there = interface_version >= 0x34 && is_payload(message);
  const bool payload = !is_there && message.text.size() > short_message_max;
  Content body = message;
  if (payload || is_there) body.text = {};
  std::uint8_t* at =
      wire::encode_any(content_rows<ShortMessage>, &body, to + wire::pdu_header_size);
  if (payload)
    at = wire::write_keyed(static_cast<std::uint16_t>(Tag::message_payload), message.text, at);
  if (interface_version >= 0x34 && !message.tlvs.empty()) {
    std::memcpy(at, message.tlvs.data(), message.tlvs.size());
    at += message.tlvs.size();
  }
  const auto size = static_cast<std::size_t>(at - to);
  write_header(to, static_cast<std::uint32_t>(size), static_cast<std::uint32_t>(command), 0,
               sequence_number);
  return size;
}

}  // namespace

std::size_t write_deliver(const Content& message, std::uint8_t interface_version,
                          std::uint32_t sequence_number, std::uint8_t* to) {
  return write_message(Command::deliver_sm, message, interface_version, sequence_number, to);
}

std::size_t write_submit(const Content& message, std::uint8_t interface_version,
                         std::uint32_t sequence_number, std::uint8_t* to) {
  return write_message(Command::submit_sm, message, interface_version, sequence_number, to);
}

bool is_submittable(const Content& message, std::uint8_t interface_version) {
  constexpr std::size_t value_max = 0xFFFF;
  if (message.text.size() > value_max || message.tlvs.size() > value_max) return false;
  if (!deliver_fits(message, interface_version) || check_tlvs(message.tlvs) != Status::ESME_ROK)
    return false;
  Content body = message;
  if (message.text.size() > short_message_max) body.text = {};
  return wire::check_any(content_rows<ShortMessage>, &body).ok();
}

}  // namespace ringgate::smpp
