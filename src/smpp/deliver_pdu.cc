#include "smpp/deliver_pdu.h"

#include "smpp/command.h"
#include "smpp/content_rows.h"
#include "smpp/tlv.h"
#include "wire/frame.h"

namespace ringgate::smpp {

std::size_t write_deliver(const Content& message, std::uint8_t interface_version,
                          std::uint32_t sequence_number, std::uint8_t* to) {
  ASSERT(deliver_fits(message, interface_version));
  const bool payload = message.text.size() > short_message_max;
  Content body = message;
  if (payload) body.text = {};
  std::uint8_t* at =
      wire::encode_any(content_rows<ShortMessage>, &body, to + wire::pdu_header_size);
  if (payload)
    at = wire::write_keyed(static_cast<std::uint16_t>(Tag::message_payload), message.text, at);
  if (interface_version >= 0x34 && !message.tlvs.empty()) {
    std::memcpy(at, message.tlvs.data(), message.tlvs.size());
    at += message.tlvs.size();
  }
  const auto size = static_cast<std::size_t>(at - to);
  write_header(to, static_cast<std::uint32_t>(size),
               static_cast<std::uint32_t>(Command::deliver_sm), 0, sequence_number);
  return size;
}

}  // namespace ringgate::smpp
